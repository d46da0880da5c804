import type { Keeper } from '../session/keeper.ts';
import type { KeptMessage } from '../session/message.ts';
import type { MemoryAccount } from './memory-account.ts';
import { type Delivery, QueuedDelivery } from './publication.ts';
import { RunParcel } from './run-parcel.ts';

/** What a message that waits costs in one session, beside its own bytes: how it is delivered. */
const DELIVERY_BYTES = 128;

/** What a frame of a run that waits costs, beside the run. */
const FRAME_BYTES = 16;

/** What is in flight, or waits: one message, or frames of a run. */
type Kept = Delivery | QueuedDelivery | RunParcel;

/** The messages that one session keeps, waiting or in flight, in the account of all memory. */
export class SessionMemory implements Keeper<Kept> {
  readonly #account: MemoryAccount;
  #bytes = 0;

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** As if it kept them alone: what it has in common with others counts for each of them. */
  get bytes(): number {
    return this.#bytes;
  }

  onKept(item: Kept): void {
    if (item instanceof RunParcel) this.#onFrameKept(item);
    else this.#onMessageKept(item instanceof QueuedDelivery ? item.delivery : item);
  }

  onGivenUp(item: Kept): void {
    if (item instanceof RunParcel) this.#onFrameGivenUp(item);
    else this.#onMessageGivenUp(item instanceof QueuedDelivery ? item.delivery : item);
  }

  #onMessageKept({ message }: Delivery): void {
    const kept = message as KeptMessage;
    this.#bytes += DELIVERY_BYTES + kept.bytes;
    this.#account.add(DELIVERY_BYTES);
    this.#account.hold(kept);
  }

  #onMessageGivenUp({ message }: Delivery): void {
    const kept = message as KeptMessage;
    this.#bytes -= DELIVERY_BYTES + kept.bytes;
    this.#account.add(-DELIVERY_BYTES);
    this.#account.letGo(kept);
  }

  /** A run is kept for as long as one of its frames is. */
  #onFrameKept(parcel: RunParcel): void {
    const { weight } = parcel.run;
    this.#bytes += FRAME_BYTES;
    this.#account.add(FRAME_BYTES);
    parcel.keptCount += 1;
    if (parcel.keptCount > 1) return;
    this.#bytes += weight.bytes;
    this.#account.hold(weight);
  }

  #onFrameGivenUp(parcel: RunParcel): void {
    const { weight } = parcel.run;
    this.#bytes -= FRAME_BYTES;
    this.#account.add(-FRAME_BYTES);
    parcel.keptCount -= 1;
    if (parcel.keptCount > 0) return;
    this.#bytes -= weight.bytes;
    this.#account.letGo(weight);
  }
}

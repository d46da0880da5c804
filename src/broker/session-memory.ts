import type { Keeper } from '../session/keeper.ts';
import type { KeptMessage } from '../session/message.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { Delivery } from './publication.ts';

/** What a message that waits costs in one session, beside its own bytes: how it is delivered. */
const DELIVERY_BYTES = 128;

/** The messages that one session keeps, waiting or in flight, in the account of all memory. */
export class SessionMemory implements Keeper<Delivery> {
  readonly #account: MemoryAccount;
  #bytes = 0;

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** As if it kept them alone: what it has in common with others counts for each of them. */
  get bytes(): number {
    return this.#bytes;
  }

  onKept({ message }: Delivery): void {
    const kept = message as KeptMessage;
    this.#bytes += DELIVERY_BYTES + kept.bytes;
    this.#account.add(DELIVERY_BYTES);
    this.#account.hold(kept);
  }

  onGivenUp({ message }: Delivery): void {
    const kept = message as KeptMessage;
    this.#bytes -= DELIVERY_BYTES + kept.bytes;
    this.#account.add(-DELIVERY_BYTES);
    this.#account.letGo(kept);
  }
}

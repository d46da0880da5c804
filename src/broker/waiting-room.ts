import { addressBlock } from './address-block.ts';
import type { BrokerConfig } from './broker-config.ts';
import { Tally } from './tally.ts';

/** Only who has been here for longer than this, without being accepted, makes room for others. */
const PATIENCE_MS = 2_000;

/** A connection whose CONNECT has not been accepted. */
export interface Unaccepted {
  readonly openedMs: number;
  readonly channel: { readonly host?: string | undefined };
  /** Others need the room. */
  giveWay(): void;
}

interface WaitingRoomEvents {
  /** So many were made to give way; told of at most once in 10 s. */
  onGaveWay(count: number): void;
  /** Fewer wait. */
  onRoom(): void;
}

/**
 * Who is connected, and who only waits to be: both are bounded, so that sockets that never say
 * CONNECT neither use up the broker nor lock its clients out.
 *
 *     waiting -> accepted -> gone        waiting -> gone
 */
export class WaitingRoom {
  /** In the order in which they came: at most `pendingMax`. */
  readonly #waiting = new Set<Unaccepted>();
  readonly #config: BrokerConfig;
  readonly #events: WaitingRoomEvents;
  #acceptedCount = 0;
  /** By block of addresses, while that is limited. */
  readonly #acceptedAt = new Map<string, number>();
  readonly #gaveWay = new Tally();

  constructor(config: BrokerConfig, events: WaitingRoomEvents) {
    this.#config = config;
    this.#events = events;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** How many addresses are counted: none that nobody is at. */
  get addressCount(): number {
    return this.#acceptedAt.size;
  }

  /** Whether one more client may be accepted. */
  get hasSeat(): boolean {
    return this.#acceptedCount < this.#config.connectionsMax;
  }

  /** Whether one more may be from this address, if one at `leaving` goes for it. */
  hasSeatAt(host: string | undefined, leaving: string | undefined): boolean {
    const max = this.#config.connectionsPerAddressMax;
    if (max === 0 || host === undefined) return true;
    const block = addressBlock(host);
    if (leaving !== undefined && addressBlock(leaving) === block) return true;
    return (this.#acceptedAt.get(block) ?? 0) < max;
  }

  /** How long it takes until one more may wait; 0 if it may now, although another gives way. */
  delayMs(nowMs: number): number {
    const [oldest] = this.#waiting;
    if (oldest === undefined || this.#waiting.size < this.#config.pendingMax) return 0;
    return Math.max(0, oldest.openedMs + PATIENCE_MS - nowMs);
  }

  /** The one that has waited for longest gives way if it must. */
  makeRoom(nowMs: number): void {
    const [oldest] = this.#waiting;
    if (oldest === undefined || this.#waiting.size < this.#config.pendingMax) return;
    const count = this.#gaveWay.add(nowMs);
    if (count > 0) this.#events.onGaveWay(count);
    oldest.giveWay();
  }

  enter(connection: Unaccepted): void {
    this.#waiting.add(connection);
  }

  onAccepted(connection: Unaccepted): void {
    this.#waiting.delete(connection);
    this.#acceptedCount += 1;
    this.#countAt(connection, 1);
    this.#events.onRoom();
  }

  /** The connection counts no more. */
  leave(connection: Unaccepted, wasAccepted: boolean): void {
    this.#waiting.delete(connection);
    if (wasAccepted) {
      this.#acceptedCount -= 1;
      this.#countAt(connection, -1);
    }
    this.#events.onRoom();
  }

  #countAt({ channel: { host } }: Unaccepted, change: number): void {
    if (this.#config.connectionsPerAddressMax === 0 || host === undefined) return;
    const block = addressBlock(host);
    const count = (this.#acceptedAt.get(block) ?? 0) + change;
    if (count === 0) this.#acceptedAt.delete(block);
    else this.#acceptedAt.set(block, count);
  }
}

import type { BrokerConfig } from './broker-config.ts';
import { Tally } from './tally.ts';

/** Only who has been here for longer than this, without being accepted, makes room for others. */
const PATIENCE_MS = 2_000;

/** A connection whose CONNECT has not been accepted. */
export interface Unaccepted {
  readonly openedMs: number;
  /** Others need the room. */
  giveWay(): void;
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
  readonly #onFull: (refusedCount: number) => void;
  #acceptedCount = 0;
  readonly #refused = new Tally();

  /** @param onFull is told how many were turned away or made to give way, at most once in 10 s. */
  constructor(config: BrokerConfig, onFull: (refusedCount: number) => void) {
    this.#config = config;
    this.#onFull = onFull;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Whether one more client may be accepted. */
  get hasSeat(): boolean {
    return this.#acceptedCount < this.#config.connectionsMax;
  }

  /** Whether one more may wait: the one that has waited for longest gives way if it must. */
  makeRoom(nowMs: number): boolean {
    if (this.#waiting.size < this.#config.pendingMax) return true;
    const [oldest] = this.#waiting;
    const givesWay = oldest !== undefined && nowMs - oldest.openedMs >= PATIENCE_MS;
    this.#tell(nowMs);
    if (!givesWay) return false;
    this.#waiting.delete(oldest);
    oldest.giveWay();
    return true;
  }

  enter(connection: Unaccepted): void {
    this.#waiting.add(connection);
  }

  onAccepted(connection: Unaccepted): void {
    this.#waiting.delete(connection);
    this.#acceptedCount += 1;
  }

  /** The connection counts no more. */
  leave(connection: Unaccepted, wasAccepted: boolean): void {
    this.#waiting.delete(connection);
    if (wasAccepted) this.#acceptedCount -= 1;
  }

  #tell(nowMs: number): void {
    const count = this.#refused.add(nowMs);
    if (count > 0) this.#onFull(count);
  }
}

/**
 * When messages are due that are sent at an even rate: message k at `startMs` + k / rate, whatever
 * became of those before it. So a broker, or a client, that stalls does not get less to do
 * meanwhile, and the wait counts as latency.
 */
export class Schedule {
  readonly #startMs: number;
  readonly #perMs: number;

  /** @param ratePerSecond above 0. */
  constructor(startMs: number, ratePerSecond: number) {
    this.#startMs = startMs;
    this.#perMs = ratePerSecond / 1000;
  }

  /** When message `index`, from 0, is due. */
  dueMs(index: number): number {
    return this.#startMs + index / this.#perMs;
  }

  /** How many messages are due by now. */
  dueCount(nowMs: number): number {
    if (nowMs < this.#startMs) return 0;
    const count = Math.floor((nowMs - this.#startMs) * this.#perMs) + 1;
    // Rounded the one way or the other: `dueMs` decides.
    if (this.dueMs(count - 1) > nowMs) return count - 1;
    return this.dueMs(count) <= nowMs ? count + 1 : count;
  }
}

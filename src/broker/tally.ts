/** Between two lines of log about the same thing: floods are told of, not repeated. */
const QUIET_MS = 10_000;

/** Counts what may happen very often, and says when it is time to tell of it again. */
export class Tally {
  #count = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** Counts one more: how many there were since the last telling, or 0 while it is to be quiet. */
  add(nowMs: number): number {
    this.#count += 1;
    if (nowMs - this.#toldMs < QUIET_MS) return 0;
    const count = this.#count;
    this.#toldMs = nowMs;
    this.#count = 0;
    return count;
  }
}

import { assert } from './assert.ts';

/**
 * Lets so much through in a second on average, and more for a moment: it starts full, and may be
 * overdrawn, so that what is larger than all it holds passes too, and is paid for afterwards.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #capacity: number;
  /** In thousandths, so that whole milliseconds add whole numbers; below 0 where overdrawn. */
  #level: number;
  #atMs: number;

  /** @param perSecond above 0. @param capacity what it lets through at once. */
  constructor(perSecond: number, capacity: number, nowMs: number) {
    assert(perSecond > 0, 'a bucket fills up');
    this.#perSecond = perSecond;
    this.#capacity = capacity * 1000;
    this.#level = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Takes so much out, whatever there is. Whole milliseconds until it is paid for; 0 if it is. */
  take(count: number, nowMs: number): number {
    const gained = (nowMs - this.#atMs) * this.#perSecond;
    this.#level = Math.min(this.#capacity, this.#level + gained) - count * 1000;
    this.#atMs = nowMs;
    return this.#level >= 0 ? 0 : Math.ceil(-this.#level / this.#perSecond);
  }
}

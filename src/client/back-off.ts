import type { Random } from '../base/random.ts';

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before each attempt in a row: twice as long each time, up to 30 s, of which
 * chance takes up to half away, so that clients which were thrown out together do not come back
 * together.
 */
export class BackOff {
  readonly #random: Pick<Random, 'below'>;
  #attempts = 0;

  constructor(random: Pick<Random, 'below'>) {
    this.#random = random;
  }

  /** How many attempts have been made since the last `reset`. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts one more attempt, and says how long to wait before it: 50 to 100 % of its full time. */
  nextMs(): number {
    const fullMs = Math.min(FIRST_MS * 2 ** this.#attempts, LONGEST_MS);
    this.#attempts += 1;
    return fullMs / 2 + this.#random.below(fullMs / 2 + 1);
  }

  /** The next attempt is the first again. */
  reset(): void {
    this.#attempts = 0;
  }
}

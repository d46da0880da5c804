/** Values below it have a bucket of their own; above, each doubling has half as many buckets. */
const EXACT_COUNT = 256;
const HALF_COUNT = EXACT_COUNT / 2;
const EXACT_BITS = 8;
const VALUE_BITS = 32;
const BUCKET_COUNT = EXACT_COUNT + (VALUE_BITS - EXACT_BITS) * HALF_COUNT;

/** The largest value: 71 minutes, in microseconds. */
export const HISTOGRAM_MAX = 2 ** VALUE_BITS - 1;

/**
 * Counts whole numbers of 0..`HISTOGRAM_MAX` in buckets whose width grows with the value, so that
 * quantiles are right to 1 in 128 whatever the range: 26 KB, however many are counted.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** The largest value, exactly; 0 if there is none. */
  get max(): number {
    return this.#max;
  }

  /** Counts one value. */
  record(value: number): void {
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
  }

  /**
   * The value that a share of all values, 0..1, does not exceed: never less than the exact one,
   * and at most 1/128 more. 0 if there is none.
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(lastValueOf(bucket), this.#max);
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  const shift = VALUE_BITS - EXACT_BITS - Math.clz32(value);
  return shift <= 0 ? value : shift * HALF_COUNT + (value >>> shift);
}

function lastValueOf(bucket: number): number {
  if (bucket < EXACT_COUNT) return bucket;
  const shift = Math.floor(bucket / HALF_COUNT) - 1;
  return (bucket - shift * HALF_COUNT + 1) * 2 ** shift - 1;
}

import type { Buffer } from 'node:buffer';
import { type BufferPool, POOLED_BYTES } from './buffer-pool.ts';
import type { Slab } from './slab.ts';

/**
 * Where bytes lie that several outputs are sent in the same turn, each written once: fan-out to
 * 100 costs 1.6 times less than with a copy for each. Small outputs have windows in one of their
 * own. Starts over when all that it holds has left.
 */
export class SharedSlab {
  /** Where the bytes lie that were put last; held for as long as it is filled. */
  slab: Slab;
  #used = 0;
  readonly #pool: BufferPool;

  constructor(pool: BufferPool) {
    this.#pool = pool;
    this.slab = pool.take();
  }

  /** Takes so many bytes: they lie in `slab` from the offset that this returns on. */
  reserve(length: number): number {
    if (this.#used + length > this.slab.bytes.length) {
      this.#pool.release(this.slab);
      this.slab = this.#pool.take(Math.max(length, POOLED_BYTES));
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    return at;
  }

  /** Puts a copy of these bytes into `slab`, and returns where it begins. */
  put(source: Buffer, start: number, end: number): number {
    const at = this.reserve(end - start);
    this.slab.put(at, source, start, end);
    return at;
  }

  /** The turn is over: what nobody holds any more is written over in the next one. */
  onTurnEnd(): void {
    if (this.slab.holders === 1 && !this.slab.isAbandoned) this.#used = 0;
  }
}

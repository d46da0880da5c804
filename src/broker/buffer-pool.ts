import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';

/** Bytes of one pooled buffer: what a socket takes in one go. */
export const POOLED_BYTES = 65_536;

/**
 * Buffers for output, lent to whoever has something to send and given back when it is sent: idle
 * connections hold none.
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #keptMax: number;

  /** @param keptMax how many free buffers are kept at most; the rest is left to the collector. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  get freeCount(): number {
    return this.#free.length;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES);
  }

  /** Takes back what `take` gave, once nobody reads it any more. */
  give(buffer: Buffer): void {
    assert(buffer.length === POOLED_BYTES, 'only pooled buffers come back');
    if (this.#free.length < this.#keptMax) this.#free.push(buffer);
  }
}

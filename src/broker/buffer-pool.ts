import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import { Slab } from './slab.ts';

/** Bytes of an ordinary pooled buffer: what a socket takes in one go. */
export const POOLED_BYTES = 65_536;
/** Larger ones come in twos of the size before, up to 1 MiB; beyond that nothing is pooled. */
const SIZES_MAX = 5;

/** Where it is written down how many bytes are lent. */
export interface Account {
  add(bytes: number): void;
}

const NO_ACCOUNT: Account = { add() {} };

/**
 * Buffers for large packets and for output, lent to whoever has something to send and given back
 * when it is sent: idle connections hold none. To take one costs nothing where a fresh one would
 * cost a page fault for each 4 KB: 64 KB messages go 5 times faster.
 */
export class BufferPool {
  /** By size: 64 KiB, 128 KiB, ... */
  readonly #free: Slab[][] = Array.from({ length: SIZES_MAX }, () => []);
  #freeBytes = 0;
  readonly #keptBytesMax: number;
  readonly #account: Account;

  /**
   * @param keptBytesMax of free buffers; the rest is left to the collector.
   * @param account hears of what is lent, and comes back.
   */
  constructor(keptBytesMax: number, account: Account = NO_ACCOUNT) {
    this.#keptBytesMax = keptBytesMax;
    this.#account = account;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** How many bytes the buffer has that `take` would give; Infinity for more than is pooled. */
  sizeFor(bytesMin: number): number {
    const size = sizeOf(bytesMin);
    return size < SIZES_MAX ? POOLED_BYTES << size : Number.POSITIVE_INFINITY;
  }

  /** A buffer of at least so many bytes, held once. */
  take(bytesMin = POOLED_BYTES): Slab {
    const slab = this.#find(bytesMin);
    assert(slab.holders === 0, 'what is free nobody holds');
    slab.holders = 1;
    this.#account.add(slab.bytes.length);
    return slab;
  }

  /** One of those who hold the buffer reads it no more. */
  release(slab: Slab): void {
    assert(slab.holders > 0, 'only who holds a buffer releases it');
    slab.holders -= 1;
    if (slab.holders > 0) return;
    const { length } = slab.bytes;
    this.#account.add(-length);
    if (slab.isAbandoned) return;
    const free = this.#free[sizeOf(length)];
    if (free === undefined || this.#freeBytes + length > this.#keptBytesMax) return;
    free.push(slab);
    this.#freeBytes += length;
  }

  /** One of those who hold the buffer is gone, and may have left somebody behind who reads it. */
  abandon(slab: Slab): void {
    slab.isAbandoned = true;
    this.release(slab);
  }

  #find(bytesMin: number): Slab {
    const size = sizeOf(bytesMin);
    const free = this.#free[size];
    if (free === undefined) return new Slab(Buffer.allocUnsafeSlow(bytesMin));
    const slab = free.pop();
    if (slab === undefined) return new Slab(Buffer.allocUnsafeSlow(POOLED_BYTES << size));
    this.#freeBytes -= slab.bytes.length;
    return slab;
  }
}

/** 0 up to 64 KiB, 1 up to 128 KiB, ... */
function sizeOf(bytes: number): number {
  let size = 0;
  while (POOLED_BYTES << size < bytes) size += 1;
  return size;
}

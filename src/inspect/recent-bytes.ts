import { Buffer } from 'node:buffer';

const KEPT_BYTES = 2 * 1024;
const NONE = Buffer.alloc(0);

/** The last 2 to 4 KiB of a stream of bytes. */
export class RecentBytes {
  #buffer = NONE;
  #length = 0;

  /** All that is kept, until the next call of a method. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  append(bytes: Buffer): void {
    if (this.#buffer.length === 0) this.#buffer = Buffer.allocUnsafe(2 * KEPT_BYTES);
    const last = bytes.length > KEPT_BYTES ? bytes.subarray(-KEPT_BYTES) : bytes;
    if (this.#length + last.length > this.#buffer.length || last !== bytes) {
      const kept = last === bytes ? KEPT_BYTES : 0;
      this.#buffer.copyWithin(0, Math.max(0, this.#length - kept), this.#length);
      this.#length = Math.min(this.#length, kept);
    }
    last.copy(this.#buffer, this.#length);
    this.#length += last.length;
  }

  clear(): void {
    this.#buffer = NONE;
    this.#length = 0;
  }
}

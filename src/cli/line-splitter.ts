import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines. Only `\n` ends one; it is no part of it. A last line needs
 * none, and every other byte is kept.
 */
export class LineSplitter {
  /** The pieces of the line that has begun. */
  #pieces: Buffer[] = [];
  #length = 0;
  readonly #bytesMax: number;

  /** @param bytesMax the longest line. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * The lines that a chunk completes, as views into it where they can be.
   *
   * @throws CallerError file for a line that is too long.
   */
  push(chunk: Buffer): readonly Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#complete(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    return lines;
  }

  /** The last line, if it has no `\n`. */
  end(): readonly Buffer[] {
    return this.#pieces.length === 0 ? [] : [this.#complete(Buffer.alloc(0))];
  }

  #complete(rest: Buffer): Buffer {
    if (this.#pieces.length === 0 && rest.length <= this.#bytesMax) return rest;
    this.#hold(rest);
    const line = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > this.#bytesMax) {
      throw new CallerError('file', `a line of standard input is too long`, {
        why: `a message of MQTT has ${this.#bytesMax} bytes at most`,
      });
    }
  }
}

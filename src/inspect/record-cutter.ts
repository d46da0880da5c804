import { Buffer } from 'node:buffer';

/**
 * Reads the record that begins at `at`. Gives its size if it is whole, else 0 less how many bytes,
 * from `at` on, are needed to tell more; undefined if nothing after `at` can be read.
 */
type ReadRecord = (bytes: Buffer, at: number) => number | undefined;

/** Cuts bytes that arrive in any pieces into records, each of which tells its size. */
export class RecordCutter {
  readonly #read: ReadRecord;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 1;
  #isOver = false;
  /** How many bytes came before those that are held. */
  #passedBytes = 0;

  constructor(read: ReadRecord) {
    this.#read = read;
  }

  /** Bytes of a record that is not whole; 0 after one that cannot be read. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Where in the input the bytes begin that the read function is given. */
  get passedBytes(): number {
    return this.#passedBytes;
  }

  /** Takes any number of bytes, and reads the records that they complete. Keeps the chunk. */
  push(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#neededBytes) this.#cut();
  }

  #cut(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (bytes === undefined) return;
    let at = 0;
    this.#neededBytes = 1;
    while (at < bytes.length) {
      const size = this.#read(bytes, at);
      if (size === undefined) {
        this.#isOver = true;
        at = bytes.length;
      } else if (size <= 0) {
        this.#neededBytes = Math.max(-size, bytes.length - at + 1);
        break;
      } else at += size;
    }
    this.#passedBytes += at;
    this.#heldBytes = bytes.length - at;
    this.#chunks = this.#heldBytes === 0 ? [] : [bytes.subarray(at)];
  }
}

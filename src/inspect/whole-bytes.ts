import { Buffer } from 'node:buffer';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget } from './capture-target.ts';
import { FormError } from './form-error.ts';
import { withHeader } from './packet-body.ts';
import { scanPackets } from './packet-scan.ts';
import { RawBytes } from './raw-bytes.ts';

/** So much is held to be searched, or to be the body of one packet. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes that have to be there as a whole: those of a body, and those to be searched. */
export class WholeBytes {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #chunks: Buffer[] = [];
  #heldBytes = 0;

  constructor(target: CaptureTarget, options: CaptureOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Keeps the next bytes.
   *
   * @throws FormError if they are more than can be held.
   */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= HELD_BYTES_MAX) return;
    const limit = `${HELD_BYTES_MAX / 1024 / 1024} MiB`;
    throw new FormError(`more than ${limit} cannot be searched at once`, 'give it in parts');
  }

  /** Nothing more comes: reads what there is. */
  end(): void {
    const { body, scan } = this.#options;
    const bytes = Buffer.concat(this.#chunks);
    const whole = body === undefined ? bytes : withHeader(body.name, body.flags, bytes);
    if (scan === undefined) {
      const raw = new RawBytes(this.#target, this.#options);
      raw.push(whole);
      raw.end();
    } else this.#search(whole, scan);
  }

  #search(bytes: Buffer, scan: 'runs' | 'all'): void {
    const { direction = 'unknown', streams, title } = this.#options;
    streams.last += 1;
    const stream = streams.last;
    this.#target.onStream({ stream, title });
    let at = 0;
    for (const { end, start } of scanPackets(bytes, scan)) {
      this.#target.onBreak({ stream, direction, kind: 'skipped', length: start - at });
      const place = { byte: start };
      const found = bytes.subarray(start, end);
      const piece = { stream, direction, timeMs: undefined, bytes: found, place };
      this.#target.onPiece({ ...piece, label: undefined });
      at = end;
    }
    this.#target.onStreamEnd(stream, 'closed');
  }
}

import type { Buffer } from 'node:buffer';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget } from './capture-target.ts';

/** MQTT bytes as they are, of either side: one stream. */
export class RawBytes {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #stream: number;
  #passedBytes = 0;

  constructor(target: CaptureTarget, options: CaptureOptions) {
    const { streams, title } = options;
    this.#target = target;
    this.#options = options;
    streams.last += 1;
    this.#stream = streams.last;
    target.onStream({ stream: this.#stream, title });
  }

  /** Passes the next bytes on. */
  push(bytes: Buffer): void {
    this.#target.onPiece({
      stream: this.#stream,
      direction: this.#options.direction ?? 'unknown',
      timeMs: undefined,
      bytes,
      place: { byte: this.#passedBytes },
      label: undefined,
    });
    this.#passedBytes += bytes.length;
  }

  /** Nothing more comes. */
  end(): void {
    this.#target.onStreamEnd(this.#stream, this.#options.isLive === true ? 'stopped' : 'closed');
  }
}

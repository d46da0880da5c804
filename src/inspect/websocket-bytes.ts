import { Buffer } from 'node:buffer';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget, Direction } from './capture-target.ts';
import { FormError } from './form-error.ts';
import type { SegmentData } from './tcp-side.ts';
import { WebSocketSide } from './websocket-side.ts';

/** The form of bytes in frames, or of a text that stands for them. */
export const FRAMED_FORM = 'ws';

const BINARY_FRAME = 0x82;
const MASKED = 0x80;
const CONNECT_BYTE = 0x10;
/** The payload's first byte in frames of fewer than 126 bytes, and of more. */
const SHORT_HEADER_BYTES = 6;
const LONG_HEADER_BYTES = 8;

/**
 * Whether bytes are a masked binary frame with a CONNECT in it, as a client's WebSocket begins:
 * read as MQTT they would be a very long SUBSCRIBE. Undefined while there are too few to tell.
 */
export function beginsWebSocket(bytes: Buffer): boolean | undefined {
  const [first, second = MASKED] = bytes;
  if (first !== BINARY_FRAME || second < MASKED) return false;
  const length = second - MASKED;
  const start = length < 126 ? SHORT_HEADER_BYTES : LONG_HEADER_BYTES;
  if (length === 127) return false;
  const [byte, mask] = [bytes[start], bytes[start - 4]];
  return byte === undefined || mask === undefined ? undefined : (byte ^ mask) === CONNECT_BYTE;
}

/** What one side sent over WebSocket, without the TCP and IP around it: one stream. */
export class WebSocketBytes {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #stream: number;
  readonly #side: WebSocketSide;
  #readBytes = 0;
  #hasPayload = false;

  constructor(target: CaptureTarget, options: CaptureOptions) {
    const { streams, title } = options;
    this.#target = target;
    this.#options = options;
    streams.last += 1;
    this.#stream = streams.last;
    target.onStream({ stream: this.#stream, title });
    this.#side = new WebSocketSide({
      onPayload: (data) => this.#pass(data),
      onNote: (text) => target.onNote(text),
    });
  }

  /**
   * Passes on what the next frames hold.
   *
   * @throws FormError if these are no frames.
   */
  push(bytes: Buffer): void {
    this.#side.push({ bytes, timeMs: undefined, byte: this.#readBytes });
    this.#readBytes += bytes.length;
    if (this.#side.isUnreadable && !this.#hasPayload) {
      throw new FormError('these are no WebSocket frames', 'leave --in out to find the form');
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.#target.onStreamEnd(this.#stream, this.#options.isLive === true ? 'stopped' : 'closed');
  }

  #pass({ byte, bytes }: SegmentData): void {
    this.#hasPayload = true;
    const sender: Direction = this.#side.isMasked === true ? 'c2s' : 's2c';
    const direction = this.#options.direction ?? sender;
    const known = { timeMs: undefined, label: undefined, place: { byte } };
    this.#target.onPiece({ stream: this.#stream, direction, bytes: Buffer.from(bytes), ...known });
  }
}

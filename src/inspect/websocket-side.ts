import { Buffer } from 'node:buffer';
import type { SegmentData } from './tcp-side.ts';

/** What a frame is, by its number; the data frames are 0 to 2. */
const TEXT = 1;
const LAST_DATA = 2;
const CLOSE = 8;
const CONTROL_NAMES: Readonly<Record<number, string | undefined>> = { 9: 'ping', 10: 'pong' };
const CONTROL_BYTES_MAX = 125;
/** An upper bit here means compressed or otherwise extended payload. */
const RESERVED_BITS = 0x70;

/** Who takes what a side sends in WebSocket frames. */
export interface WebSocketTarget {
  /** Bytes of messages, unmasked, next to those before. */
  onPayload(data: SegmentData): void;
  onNote(text: string): void;
}

/** The head of the frame that is being read. */
interface Head {
  readonly opcode: number;
  /** Payload bytes still to come. */
  left: number;
  /** The four bytes of the mask; undefined if there is none. */
  readonly mask: Buffer | undefined;
  /** How many payload bytes came. */
  passed: number;
}

/**
 * Takes WebSocket frames in any pieces and passes the payload of data frames on as it arrives:
 * where one frame or message ends does not matter to MQTT [MQTT-6.0.0-2].
 */
export class WebSocketSide {
  readonly #target: WebSocketTarget;
  #header = Buffer.alloc(0);
  #head: Head | undefined = undefined;
  #control: Buffer[] = [];
  #isUnreadable = false;
  #hasText = false;

  constructor(target: WebSocketTarget) {
    this.#target = target;
  }

  /** Whether frames cannot be told apart any more, or are compressed. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /** Whether the first frame was masked, as a client's are; undefined before it came. */
  isMasked: boolean | undefined = undefined;

  push(data: SegmentData): void {
    const { bytes, timeMs } = data;
    let at = 0;
    while (at < bytes.length && !this.#isUnreadable) {
      if (this.#head === undefined) at += this.#readHeader(bytes.subarray(at));
      else {
        const part = bytes.subarray(at, at + this.#head.left);
        this.#readPayload(this.#head, { bytes: part, timeMs, byte: data.byte + at });
        at += part.length;
      }
      if (this.#head?.left === 0) this.#endFrame(this.#head);
    }
  }

  /** Bytes are missing. Gives how many of them are payload; undefined where that is unknown. */
  skip(length: number): number | undefined {
    const head = this.#head;
    if (head === undefined || head.left < length || head.opcode > LAST_DATA) {
      this.#isUnreadable = true;
      return undefined;
    }
    head.left -= length;
    head.passed += length;
    if (head.left === 0) this.#endFrame(head);
    return length;
  }

  /** Takes bytes of the header; gives how many. */
  #readHeader(bytes: Buffer): number {
    const before = this.#header.length;
    const known = Buffer.concat([this.#header, bytes.subarray(0, HEADER_BYTES_MAX - before)]);
    const size = headerSize(known);
    if (size === undefined || known.length < size) {
      this.#header = known;
      return known.length - before;
    }
    this.#header = Buffer.alloc(0);
    this.#begin(known.subarray(0, size));
    return size - before;
  }

  #begin(header: Buffer): void {
    const [first = 0, second = 0] = header;
    const opcode = first & 0x0f;
    const isMasked = second >= 0x80;
    this.isMasked ??= isMasked;
    const left = payloadLength(header);
    const isControl = opcode >= CLOSE;
    const isKnown = opcode <= LAST_DATA || (opcode >= CLOSE && opcode <= 10);
    if (!isKnown || (isControl && left > CONTROL_BYTES_MAX)) {
      this.#giveUp('WebSocket frames cannot be told apart from here on');
    } else if ((first & RESERVED_BITS) !== 0) {
      this.#giveUp('WebSocket frames are compressed from here on: they cannot be read');
    } else {
      const mask = isMasked ? header.subarray(-4) : undefined;
      this.#head = { opcode, left, mask, passed: 0 };
      if (opcode === TEXT && !this.#hasText) {
        this.#hasText = true;
        this.#target.onNote('a text frame holds MQTT, which has to be in binary [MQTT-6.0.0-1]');
      }
    }
  }

  #readPayload(head: Head, data: SegmentData): void {
    const bytes = unmasked(data.bytes, head);
    head.left -= bytes.length;
    head.passed += bytes.length;
    if (head.opcode > LAST_DATA) this.#control.push(bytes);
    else this.#target.onPayload({ ...data, bytes });
  }

  #endFrame({ opcode }: Head): void {
    this.#head = undefined;
    if (opcode <= LAST_DATA) return;
    const payload = Buffer.concat(this.#control);
    this.#control = [];
    const name = CONTROL_NAMES[opcode] ?? 'close';
    const code = opcode === CLOSE && payload.length >= 2 ? ` ${payload.readUInt16BE(0)}` : '';
    this.#target.onNote(`WebSocket ${name}${code}`);
  }

  #giveUp(text: string): void {
    this.#isUnreadable = true;
    this.#target.onNote(text);
  }
}

const HEADER_BYTES_MAX = 14;

/** Undefined before its second byte. */
function headerSize(bytes: Buffer): number | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const mask = second >= 0x80 ? 4 : 0;
  const short = second & 0x7f;
  if (short < 126) return 2 + mask;
  return (short === 126 ? 4 : 10) + mask;
}

function payloadLength(header: Buffer): number {
  const short = (header[1] ?? 0) & 0x7f;
  if (short < 126) return short;
  return short === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
}

function unmasked(bytes: Buffer, { mask, passed }: Head): Buffer {
  if (mask === undefined) return bytes;
  const plain = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) {
    plain[i] = (bytes[i] ?? 0) ^ (mask[(passed + i) & 3] ?? 0);
  }
  return plain;
}

import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../codec/packet.ts';
import { PACKET_TYPES } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { STAMP_BYTES } from './publish-strip.ts';

/** Where a PUBLISH lies; one object for all that a scanner finds. */
export interface PublishSpan {
  readonly qos: number;
  /** 0 at QoS 0. */
  readonly packetId: number;
  readonly payloadAt: number;
  /** May lie behind the end of the bytes: only the payload's stamp is sure to have come. */
  readonly payloadEnd: number;
}

/** Who hears of the packets of one connection. */
export interface ScannerTarget {
  /** The bytes and the span are good until this returns. */
  onPublish(bytes: Buffer, span: PublishSpan): void;
  /** PUBACK, PUBREC, PUBREL or PUBCOMP, 4..7, with nothing but an id: success. */
  onAck(type: number, packetId: number): void;
  /** Any other packet, whole; good until this returns. */
  onFrame(frame: Buffer): void;
}

const INCOMPLETE = -1;
const PUBLISH = PACKET_TYPES.publish.code;
const PUBACK = PACKET_TYPES.puback.code;
const PUBCOMP = PACKET_TYPES.pubcomp.code;
const VARINT_BYTES_MAX = 4;
/** How much of the next chunk is first put to what the one before left over. */
const JOINED_BYTES = 256;
/** The most that is kept of a packet in order to tell it. */
const HELD_BYTES_MAX = 1_048_576;

/**
 * Finds the packets in a stream, and trusts the broker for the rest: nothing is decoded or checked,
 * and copied only where a chunk ends within a packet. What it skips the codec keeps, in the one
 * ordinary connection that each run makes first.
 */
export class FrameScanner {
  readonly #target: ScannerTarget;
  readonly #level: ProtocolLevel;
  readonly #span = { qos: 0, packetId: 0, payloadAt: 0, payloadEnd: 0 };
  /** A packet's beginning that is too short to tell it. */
  #held: Buffer | undefined = undefined;
  /** Bytes of payload that are still to come, to be passed over. */
  #skipped = 0;

  constructor(level: ProtocolLevel, target: ScannerTarget) {
    this.#target = target;
    this.#level = level;
  }

  /** Takes a chunk of any size. @throws ProtocolError if it is no stream of packets. */
  push(chunk: Buffer): void {
    const end = chunk.length;
    let at = this.#held === undefined ? this.#skipped : this.#join(this.#held, chunk);
    this.#skipped = 0;
    while (at < end) {
      const next = this.#scan(chunk, at, end);
      if (next === INCOMPLETE) {
        this.#hold(Buffer.from(chunk.subarray(at)));
        return;
      }
      at = next;
    }
    this.#skipped = at - end;
  }

  /** Goes on with a packet; returns where in the chunk the next one begins. */
  #join(held: Buffer, chunk: Buffer): number {
    this.#held = undefined;
    for (let taken = JOINED_BYTES; ; taken *= 4) {
      const joined = Buffer.concat([held, chunk.subarray(0, taken)]);
      const next = this.#scan(joined, 0, joined.length);
      if (next !== INCOMPLETE) return next - held.length;
      if (taken < chunk.length) continue;
      this.#hold(joined);
      return chunk.length;
    }
  }

  #hold(bytes: Buffer): void {
    if (bytes.length > HELD_BYTES_MAX) {
      const message = `a packet of more than ${HELD_BYTES_MAX} bytes without its payload`;
      throw new ProtocolError('packet-too-large', message, {
        level: this.#level,
        subjects: ['server'],
      });
    }
    this.#held = bytes;
  }

  /** Tells the packet at `start`; returns where it ends, be it behind `end`. */
  #scan(bytes: Buffer, start: number, end: number): number {
    if (end - start < 2) return INCOMPLETE;
    const first = bytes[start] ?? 0;
    let length = bytes[start + 1] ?? 0;
    let at = start + 2;
    if (length > 0x7f) {
      at = this.#varintEnd(bytes, start + 1, end);
      if (at === INCOMPLETE) return INCOMPLETE;
      length = varint(bytes, start + 1, at);
    }
    const type = first >> 4;
    if (type === PUBLISH) {
      this.#span.qos = (first >> 1) & 3;
      this.#span.payloadEnd = at + length;
      return this.#scanPublish(bytes, at, end);
    }
    if (at + length > end) return INCOMPLETE;
    if (length === 2 && type >= PUBACK && type <= PUBCOMP) {
      this.#target.onAck(type, (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
    } else this.#target.onFrame(bytes.subarray(start, at + length));
    return at + length;
  }

  /** `at` is behind the fixed header. */
  #scanPublish(bytes: Buffer, start: number, end: number): number {
    const span = this.#span;
    let at = start + 2;
    if (at > end) return INCOMPLETE;
    at += (bytes[start] ?? 0) * 256 + (bytes[start + 1] ?? 0);
    span.packetId = 0;
    if (span.qos > 0) {
      at += 2;
      if (at > end) return INCOMPLETE;
      span.packetId = (bytes[at - 2] ?? 0) * 256 + (bytes[at - 1] ?? 0);
    }
    if (this.#level === 5) {
      const lengthEnd = this.#varintEnd(bytes, at, end);
      if (lengthEnd === INCOMPLETE) return INCOMPLETE;
      at = lengthEnd + varint(bytes, at, lengthEnd);
    }
    if (at > span.payloadEnd) this.#refuse('fields run past the end of a packet');
    if (Math.min(at + STAMP_BYTES, span.payloadEnd) > end) return INCOMPLETE;
    span.payloadAt = at;
    this.#target.onPublish(bytes, span);
    return span.payloadEnd;
  }

  /** Where a Variable Byte Integer ends. */
  #varintEnd(bytes: Buffer, start: number, end: number): number {
    for (let at = start; at < start + VARINT_BYTES_MAX; at += 1) {
      if (at >= end) return INCOMPLETE;
      if ((bytes[at] ?? 0) < 0x80) return at + 1;
    }
    throw new ProtocolError('length-too-long', 'a length runs past 4 bytes', {
      level: this.#level,
    });
  }

  #refuse(message: string): never {
    throw new ProtocolError('field-overrun', message, { level: this.#level });
  }
}

function varint(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at -= 1) value = value * 128 + ((bytes[at] ?? 0) & 0x7f);
  return value;
}

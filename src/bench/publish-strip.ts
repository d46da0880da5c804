import { Buffer } from 'node:buffer';
import type { ProtocolLevel, QoS } from '../codec/packet.ts';
import { PacketWriter } from '../codec/packet-writer.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { writePublish } from '../codec/publish.ts';

/** What a payload begins with: publisher, sequence and moment, four bytes each. */
export const STAMP_BYTES = 12;

const DIGIT_0 = 0x30;

/** What all messages of one publisher have in common. */
export interface StripShape {
  readonly level: ProtocolLevel;
  readonly qos: QoS;
  readonly isRetained: boolean;
  /** The topic; where there are several, what stands before their number. */
  readonly topic: string;
  /** How many topics take turns. */
  readonly topicCount: number;
  /** Bytes of payload: `STAMP_BYTES` at least, or 0. */
  readonly payloadBytes: number;
  /** 0..2^32 - 1. */
  readonly publisher: number;
}

/**
 * As many PUBLISH packets of one publisher as fit in a buffer, written once. To be sent again they
 * are only patched: topic number, packet id, sequence and moment lie at the same place in each,
 * for all have the same length.
 */
export class PublishStrip {
  /** Bytes of one packet. */
  readonly frameBytes: number;
  /** How many packets there are: one at least. */
  readonly capacity: number;
  readonly #bytes: Buffer;
  readonly #topicCount: number;
  /** Digits of a topic's number; 0 if there is one topic. */
  readonly #digits: number;
  /** Offsets within a packet; 0 for what it does not have. */
  readonly #digitsEnd: number;
  readonly #idAt: number;
  readonly #stampAt: number;

  /** @param bytesMax how much memory it takes, unless one packet is larger. */
  constructor(shape: StripShape, bytesMax: number) {
    const { level, payloadBytes, qos, topic, topicCount } = shape;
    const digits = topicCount > 1 ? String(topicCount - 1).length : 0;
    const frame = writeFrame(shape, `${topic}${'0'.repeat(digits)}`);
    const payloadAt = frame.length - payloadBytes;
    const idEnd = payloadAt - (level === 5 ? 1 : 0);
    this.frameBytes = frame.length;
    this.capacity = Math.max(1, Math.floor(bytesMax / frame.length));
    this.#topicCount = topicCount;
    this.#digits = digits;
    this.#idAt = qos === 0 ? 0 : idEnd - 2;
    this.#digitsEnd = qos === 0 ? idEnd : idEnd - 2;
    this.#stampAt = payloadBytes === 0 ? 0 : payloadAt;
    if (payloadBytes > 0) frame.writeUInt32BE(shape.publisher, payloadAt);
    this.#bytes = Buffer.alloc(this.capacity * frame.length, frame);
  }

  /**
   * Makes packet `index` message `sequence`, sent or due at `stampUs`; both are kept modulo 2^32.
   * `packetId` is for QoS 1 and 2.
   */
  patch(index: number, sequence: number, stampUs: number, packetId: number): void {
    const bytes = this.#bytes;
    const start = index * this.frameBytes;
    if (this.#digits > 0) this.#patchTopic(start, sequence % this.#topicCount);
    if (this.#idAt > 0) {
      const idAt = start + this.#idAt;
      bytes[idAt] = packetId >>> 8;
      bytes[idAt + 1] = packetId;
    }
    if (this.#stampAt === 0) return;
    const at = start + this.#stampAt;
    const stamp = stampUs >>> 0;
    // Stored byte by byte: `writeUInt32BE` checks its value first, and takes twice as long.
    bytes[at + 4] = sequence >>> 24;
    bytes[at + 5] = sequence >>> 16;
    bytes[at + 6] = sequence >>> 8;
    bytes[at + 7] = sequence;
    bytes[at + 8] = stamp >>> 24;
    bytes[at + 9] = stamp >>> 16;
    bytes[at + 10] = stamp >>> 8;
    bytes[at + 11] = stamp;
  }

  /** The first `count` packets: a view, to be sent before the next `patch`. */
  frames(count: number): Buffer {
    return this.#bytes.subarray(0, count * this.frameBytes);
  }

  #patchTopic(start: number, topic: number): void {
    const bytes = this.#bytes;
    const end = start + this.#digitsEnd;
    let left = topic;
    for (let at = end - 1; at >= end - this.#digits; at -= 1) {
      const rest = Math.floor(left / 10);
      bytes[at] = DIGIT_0 + left - rest * 10;
      left = rest;
    }
  }
}

function writeFrame(shape: StripShape, topicName: string): Buffer {
  const { isRetained, level, payloadBytes, qos } = shape;
  const packet = {
    type: 'publish',
    qos,
    isDuplicate: false,
    isRetained,
    topicName,
    packetId: qos === 0 ? undefined : 1,
    properties: NO_PROPERTIES,
    payload: Buffer.alloc(payloadBytes, 'x'),
  } as const;
  return Buffer.from(writePublish(new PacketWriter(), packet, level));
}

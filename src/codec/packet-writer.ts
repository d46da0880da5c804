import { Buffer } from 'node:buffer';
import { UnsendableError } from './unsendable-error.ts';

/** Bytes that `begin` keeps free: the longest fixed header (1 type, 4 length). */
const HEADER_BYTES_MAX = 5;
/** The largest Variable Byte Integer, 4 bytes of 7 bits (section 1.5.5). */
const VARINT_MAX = 268_435_455;
/** The largest packet there is: a byte, a length of four, and what that length can say. */
export const PACKET_BYTES_MAX = 1 + 4 + VARINT_MAX;
/** The longest string or binary field (sections 1.5.4 and 1.5.6). */
const FIELD_BYTES_MAX = 65_535;
/** Above this, the buffer of one large packet is given back at the next `begin`. */
const KEPT_BYTES_MAX = 65_536;

/**
 * Writes one packet at a time into one growing buffer; lengths go in front once they are known.
 *
 * @throws UnsendableError from every write of a value that the standard does not allow there.
 */
export class PacketWriter {
  #bytes: Buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  /** Starts a packet, over the one before it. */
  begin(): void {
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafe(1024);
    this.#length = HEADER_BYTES_MAX;
  }

  /** Puts the fixed header in front. The view is good until the next `begin`. */
  end(firstByte: number): Buffer {
    const remaining = this.#length - HEADER_BYTES_MAX;
    const start = HEADER_BYTES_MAX - varintBytes('remainingLength', remaining) - 1;
    this.#bytes[start] = firstByte;
    this.#putVarint(remaining, start + 1);
    return this.#bytes.subarray(start, this.#length);
  }

  /** Where the next byte goes; `closeLength` takes it back. */
  get position(): number {
    return this.#length;
  }

  /** Puts the length of what was written since `start` in front of it, as a varint. */
  closeLength(start: number): void {
    const length = this.#length - start;
    const shift = varintBytes('propertyLength', length);
    this.#reserve(shift);
    this.#bytes.copyWithin(start + shift, start, start + length);
    this.#putVarint(length, start);
  }

  u8(field: string, value: number): void {
    requireWhole(field, value, 0xff);
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u16(field: string, value: number): void {
    requireWhole(field, value, 0xffff);
    const at = this.#reserve(2);
    this.#bytes.writeUInt16BE(value, at);
  }

  u32(field: string, value: number): void {
    requireWhole(field, value, 0xffff_ffff);
    const at = this.#reserve(4);
    this.#bytes.writeUInt32BE(value, at);
  }

  varint(field: string, value: number): void {
    const length = varintBytes(field, value);
    const at = this.#reserve(length);
    this.#putVarint(value, at);
  }

  /** Well-formed text without U+0000 (section 1.5.4), behind its length. */
  utf8(field: string, text: string): void {
    if (text.includes('\0')) throw new UnsendableError(`${field} holds U+0000 [MQTT-1.5.4-2]`);
    if (!text.isWellFormed()) {
      throw new UnsendableError(`${field} holds half a surrogate pair [MQTT-1.5.4-1]`);
    }
    const length = Buffer.byteLength(text);
    requireFit(field, length);
    this.u16(field, length);
    const at = this.#reserve(length);
    this.#bytes.write(text, at);
  }

  /** Binary Data (section 1.5.6), behind its length. */
  binary(field: string, bytes: Uint8Array): void {
    requireFit(field, bytes.length);
    this.u16(field, bytes.length);
    this.raw(bytes);
  }

  /** Bytes without a length of their own: a payload. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A Packet Identifier, 1..65_535 (section 2.2.1). */
  packetId(value: number): void {
    if (value === 0) throw new UnsendableError('packetId is 0 [MQTT-2.2.1-3]');
    this.u16('packetId', value);
  }

  /**
   * Makes room for `count` more bytes and returns where they go. It may replace `#bytes`, so its
   * call stands on a line of its own: `this.#bytes.set(x, this.#reserve(n))` would write to the
   * old one.
   */
  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }

  #putVarint(value: number, start: number): void {
    let left = value;
    for (let at = start; left > 0 || at === start; at += 1) {
      this.#bytes[at] = (left & 0x7f) | (left > 0x7f ? 0x80 : 0);
      left >>>= 7;
    }
  }
}

function requireWhole(field: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new UnsendableError(`${field} is ${value}, not a whole number in 0..${max}`);
}

function requireFit(field: string, length: number): void {
  if (length <= FIELD_BYTES_MAX) return;
  throw new UnsendableError(`${field} has ${length} bytes, ${FIELD_BYTES_MAX} is the most`);
}

/** Bytes of a Variable Byte Integer in its shortest form [MQTT-1.5.5-1]. */
function varintBytes(field: string, value: number): number {
  requireWhole(field, value, VARINT_MAX);
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

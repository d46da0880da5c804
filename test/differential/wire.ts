import { Buffer } from 'node:buffer';

/** The longest fixed header: a byte of type, four of length. */
const HEADER_BYTES_MAX = 5;

/** Bytes of one field or more. The generator uses none of the codec, which is under test. */
export type Bytes = Buffer;

export function u8(value: number): Bytes {
  return Buffer.from([value & 0xff]);
}

export function u16(value: number): Bytes {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

export function u32(value: number): Bytes {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A Variable Byte Integer, with `extra` bytes more than it needs. */
export function varint(value: number, extra = 0): Bytes {
  const digits: number[] = [];
  for (let left = value; left > 0 || digits.length === 0; left = Math.floor(left / 128)) {
    digits.push(left % 128);
  }
  for (let count = 0; count < extra; count += 1) digits.push(0);
  return Buffer.from(digits.map((digit, at) => (at < digits.length - 1 ? digit | 0x80 : digit)));
}

/** Text or binary data behind its length. */
export function text(content: string | Bytes): Bytes {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([u16(bytes.length), bytes]);
}

/** A packet: its first byte, the length of what follows, and that. */
export function frame(firstByte: number, ...body: readonly Bytes[]): Bytes {
  const rest = Buffer.concat(body);
  return Buffer.concat([u8(firstByte), varint(rest.length), rest]);
}

/** Where the body of a packet begins, and how long the header says that it is. */
export interface Header {
  readonly bodyStart: number;
  /** Undefined if the length runs past four bytes. */
  readonly bodyLength: number | undefined;
}

/** The fixed header at the start of these bytes; undefined while it is unfinished. */
export function findHeader(bytes: Bytes): Header | undefined {
  let bodyLength = 0;
  for (let at = 1; at < HEADER_BYTES_MAX; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    bodyLength += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return { bodyStart: at + 1, bodyLength };
  }
  return { bodyStart: HEADER_BYTES_MAX, bodyLength: undefined };
}

/**
 * Cuts a stream where a receiver cuts it, by the lengths that it names. What a last packet lacks is
 * made up with zeros; one that is longer than `bytesMax`, or has no length, is its header alone,
 * and the last.
 */
export function splitUnits(stream: Bytes, bytesMax: number): Bytes[] {
  const units: Bytes[] = [];
  let left = stream;
  while (left.length > 0) {
    const header = findHeader(left);
    if (header === undefined) {
      // The header is unfinished: whatever comes next would be part of it.
      left = Buffer.concat([left, u8(0)]);
      continue;
    }
    const { bodyLength, bodyStart } = header;
    if (bodyLength === undefined || bodyStart + bodyLength > bytesMax) {
      units.push(left.subarray(0, bodyStart));
      break;
    }
    const end = bodyStart + bodyLength;
    const missing = Math.max(0, end - left.length);
    units.push(Buffer.concat([left.subarray(0, end), Buffer.alloc(missing)]));
    left = left.subarray(end);
  }
  return units;
}

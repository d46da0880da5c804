import type { Buffer } from 'node:buffer';

/** Bytes of a Remaining Length, in its shortest form. */
export function lengthBytes(length: number): number {
  return 1 + Number(length > 127) + Number(length > 16_383) + Number(length > 2_097_151);
}

/** Writes a fixed header to `start`, and returns where the rest of the packet begins. */
export function putHeader(
  target: Buffer,
  start: number,
  firstByte: number,
  length: number,
): number {
  target[start] = firstByte;
  let at = start + 1;
  let left = length;
  for (; left > 0x7f; left >>>= 7) {
    target[at] = (left & 0x7f) | 0x80;
    at += 1;
  }
  target[at] = left;
  return at + 1;
}

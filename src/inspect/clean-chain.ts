import { Buffer } from 'node:buffer';
import { frameAt } from './frame-finder.ts';
import { isClean } from './inspect-packet.ts';

/** Whether bytes are whole packets that break no rule, and nothing else; each of any version. */
export function isCleanChain(bytes: Buffer): boolean {
  return bytes.length > 0 && cleanBytes(bytes) === bytes.length;
}

/** How many bytes from the begin on are whole packets that break no rule. */
export function cleanBytes(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const found = frameAt(bytes, at, true);
    if (found.kind !== 'frame') break;
    const frame = bytes.subarray(at, at + found.size);
    if (!isClean(frame, 4) && !isClean(frame, 5)) break;
    at += found.size;
  }
  return at;
}

/** Where the packet begins that is unfinished at the end; undefined if there is none. */
export function unfinishedAt(bytes: Buffer): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const found = frameAt(bytes, at, false);
    if (found.kind === 'partial') return at;
    if (found.kind === 'noise') return undefined;
    at += found.size;
  }
  return undefined;
}

/** Whether the first packet is whole, by its length. */
export function hasFirstPacket(bytes: Buffer): boolean {
  return bytes.length > 0 && frameAt(bytes, 0, true).kind === 'frame';
}

/** Bytes of words of two, the other way round; a last odd one stays. */
export function swapped(bytes: Buffer): Buffer {
  const even = bytes.length - (bytes.length % 2);
  const words = Buffer.from(bytes.subarray(0, even)).swap16();
  return Buffer.concat([words, bytes.subarray(even)]);
}

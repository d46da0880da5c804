import type { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../codec/packet.ts';
import { PACKET_TYPES, packetNameOf } from '../codec/packet-type.ts';
import { isClean } from './inspect-packet.ts';

const LENGTH_BYTES_MAX = 4;
/** In noise, a packet larger than this is not looked for: it would hold up all that follows. */
const SOUGHT_BYTES_MAX = 65_536;

/** What begins at an offset. */
export type FrameStart =
  | { readonly kind: 'frame'; readonly size: number }
  /** A packet whose Remaining Length is none: these bytes are all that can be said of it. */
  | { readonly kind: 'broken'; readonly size: number }
  /** It may become a packet. Its size is undefined while its header is unfinished. */
  | { readonly kind: 'partial'; readonly size: number | undefined }
  | { readonly kind: 'noise' };

const NOISE: FrameStart = { kind: 'noise' };

/**
 * Tells what begins at `at`, where a packet is due. A length that fits is trusted, whatever is
 * wrong inside; an illegal first byte only if the packet so framed is followed by a legal one, or
 * by the end of the input.
 */
export function frameAt(bytes: Buffer, at: number, isEnd: boolean): FrameStart {
  const size = frameSize(bytes, at);
  if (!isLegalFirstByte(bytes[at] ?? 0)) return illegalFrameAt(bytes, at, size, isEnd);
  if (size === 'broken') return { kind: 'broken', size: 1 + LENGTH_BYTES_MAX };
  const isWhole = size !== undefined && at + size <= bytes.length;
  return isWhole ? { kind: 'frame', size } : { kind: 'partial', size };
}

/**
 * Whether a packet begins at the begin of these bytes, as far as lengths tell: whole packets with
 * legal first bytes end where they end. In the middle of a packet that is so by chance only.
 */
export function isInStep(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length) {
    const size = isLegalFirstByte(bytes[at] ?? 0) ? frameSize(bytes, at) : 'broken';
    if (size === undefined || size === 'broken') return false;
    at += size;
  }
  return at === bytes.length;
}

function illegalFrameAt(
  bytes: Buffer,
  at: number,
  size: number | 'broken' | undefined,
  isEnd: boolean,
): FrameStart {
  if (size === 'broken' || (size ?? 0) > SOUGHT_BYTES_MAX) return NOISE;
  if (size === undefined || at + size > bytes.length) {
    return isEnd ? NOISE : { kind: 'partial', size };
  }
  const next = bytes[at + size];
  if (next !== undefined) return isLegalFirstByte(next) ? { kind: 'frame', size } : NOISE;
  return isEnd ? { kind: 'frame', size } : { kind: 'partial', size: size + 1 };
}

/** Whether a clean packet of this version (any, if undefined) begins at `at`, within noise. */
export function soughtFrameAt(
  bytes: Buffer,
  at: number,
  isEnd: boolean,
  level: ProtocolLevel | undefined,
): FrameStart {
  const size = frameSize(bytes, at);
  if (!isLegalFirstByte(bytes[at] ?? 0) || size === 'broken') return NOISE;
  if (size === undefined) return isEnd ? NOISE : { kind: 'partial', size };
  if (size > SOUGHT_BYTES_MAX) return NOISE;
  const end = at + size;
  if (end > bytes.length) return isEnd ? NOISE : { kind: 'partial', size };
  const next = bytes[end];
  if (next === undefined && !isEnd) return { kind: 'partial', size: size + 1 };
  if (next !== undefined && !isLegalFirstByte(next)) return NOISE;
  return isCleanAt(bytes.subarray(at, end), level) ? { kind: 'frame', size } : NOISE;
}

function isCleanAt(frame: Buffer, level: ProtocolLevel | undefined): boolean {
  return level === undefined ? isClean(frame, 4) || isClean(frame, 5) : isClean(frame, level);
}

/** Type 1 to 15 with flags that it may have. */
function isLegalFirstByte(byte: number): boolean {
  const name = packetNameOf(byte);
  if (name === undefined) return false;
  const { flags } = PACKET_TYPES[name];
  return flags === 'own' ? (byte & 0b0110) !== 0b0110 : (byte & 0x0f) === flags;
}

/** Size with the fixed header, by any form of length; undefined while the length is unfinished. */
function frameSize(bytes: Buffer, at: number): number | 'broken' | undefined {
  let remaining = 0;
  for (let i = 0; i < LENGTH_BYTES_MAX; i += 1) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return undefined;
    remaining += (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return 2 + i + remaining;
  }
  return 'broken';
}

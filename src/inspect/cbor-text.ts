import type { Buffer } from 'node:buffer';
import { quotedText } from './safe-text.ts';

/** Deeper than this nobody nests, but for one who wants to exhaust the stack. */
const DEPTH_MAX = 16;
/** Of long lists no more than this is shown: the caller cuts what is still too long. */
const ITEMS_MAX = 256;

const INDEFINITE = 31;
const BREAK = 0xff;

/** The bytes are no CBOR, or not all of them. Never leaves this file. */
class NoCbor extends Error {}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** CBOR (RFC 8949) in its diagnostic notation; undefined if the bytes are not exactly one item. */
export function cborText(bytes: Buffer): string | undefined {
  const cursor = { bytes, at: 0 };
  try {
    const text = item(cursor, 0);
    return cursor.at === bytes.length ? text : undefined;
  } catch (error) {
    if (error instanceof NoCbor) return undefined;
    throw error;
  }
}

function item(cursor: Cursor, depth: number): string {
  if (depth > DEPTH_MAX) throw new NoCbor();
  const first = byte(cursor);
  const major = first >> 5;
  const low = first & 0x1f;
  if (major === 7) return simple(cursor, low);
  if (low === INDEFINITE) return indefinite(cursor, major, depth);
  const count = argument(cursor, low);
  if (major === 0) return String(count);
  if (major === 1) return String(-1n - count);
  if (major === 6) return `${count}(${item(cursor, depth + 1)})`;
  const length = Number(count);
  if (length > cursor.bytes.length - cursor.at) throw new NoCbor();
  if (major <= 3) return stringText(cursor, major, length);
  const size = major === 4 ? length : 2 * length;
  return listText(
    major,
    times(size, () => item(cursor, depth + 1)),
  );
}

function byte(cursor: Cursor): number {
  const value = cursor.bytes[cursor.at];
  if (value === undefined) throw new NoCbor();
  cursor.at += 1;
  return value;
}

function argument(cursor: Cursor, low: number): bigint {
  if (low < 24) return BigInt(low);
  if (low > 27) throw new NoCbor();
  let value = 0n;
  for (let i = 0; i < 1 << (low - 24); i += 1) value = (value << 8n) | BigInt(byte(cursor));
  return value;
}

function stringText(cursor: Cursor, major: number, length: number): string {
  const part = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return major === 2 ? `h'${part.toString('hex')}'` : quotedText(part.toString('utf8'));
}

function indefinite(cursor: Cursor, major: number, depth: number): string {
  if (major < 2 || major === 6) throw new NoCbor();
  const parts: string[] = [];
  while (cursor.bytes[cursor.at] !== BREAK) parts.push(item(cursor, depth + 1));
  cursor.at += 1;
  if (major === 5 && parts.length % 2 === 1) throw new NoCbor();
  return major <= 3 ? `(_ ${parts.join(', ')})` : listText(major, parts);
}

/** All parts are read, so that the end is known, and the first of them are shown. */
function listText(major: number, parts: readonly string[]): string {
  const shown = parts.slice(0, ITEMS_MAX);
  const more = parts.length > ITEMS_MAX ? ', …' : '';
  if (major === 4) return `[${shown.join(', ')}${more}]`;
  const pairs = shown.filter((_, i) => i % 2 === 0).map((key, i) => `${key}: ${shown[2 * i + 1]}`);
  return `{${pairs.join(', ')}${more}}`;
}

function times(count: number, make: () => string): string[] {
  const made: string[] = [];
  for (let i = 0; i < count; i += 1) made.push(make());
  return made;
}

const SIMPLE: Readonly<Record<number, string>> = { 20: 'false', 21: 'true', 22: 'null' };

function simple(cursor: Cursor, low: number): string {
  const { at, bytes } = cursor;
  const length = low >= 25 && low <= 27 ? 1 << (low - 24) : 0;
  if (length > bytes.length - at) throw new NoCbor();
  cursor.at += length;
  if (low === 25) return numberText(halfFloat(bytes.readUInt16BE(at)));
  if (low === 26) return numberText(bytes.readFloatBE(at));
  if (low === 27) return numberText(bytes.readDoubleBE(at));
  const known = SIMPLE[low] ?? (low === 23 ? 'undefined' : undefined);
  if (known !== undefined) return known;
  if (low < 20) return `simple(${low})`;
  if (low !== 24) throw new NoCbor();
  return `simple(${byte(cursor)})`;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** With the point that tells a float from a whole number. */
function numberText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

import { Buffer } from 'node:buffer';

/** What a TCP segment of a test says; addresses are the last byte of 10.0.0.x. */
export interface SegmentSpec {
  readonly from?: readonly [host: number, port: number];
  readonly to?: readonly [host: number, port: number];
  readonly seq?: number;
  readonly ack?: number;
  /** Any of S, F, R. */
  readonly flags?: string;
  readonly data?: Buffer | string;
}

export const CLIENT = [1, 40_000] as const;
export const SERVER = [2, 1883] as const;

/** Hex, in any spacing. */
function bytesOf(data: Buffer | string): Buffer {
  return typeof data === 'string' ? Buffer.from(data.replaceAll(/\s/g, ''), 'hex') : data;
}

/** A TCP segment without IP. */
export function tcp(spec: SegmentSpec): Buffer {
  const { ack, data = '', flags = '', from = CLIENT, seq = 0, to = SERVER } = spec;
  const head = Buffer.alloc(20);
  head.writeUInt16BE(from[1], 0);
  head.writeUInt16BE(to[1], 2);
  head.writeUInt32BE(seq >>> 0, 4);
  head.writeUInt32BE((ack ?? 0) >>> 0, 8);
  const bits = { F: 1, S: 2, R: 4 };
  let mask = ack === undefined ? 0 : 0x10;
  for (const [flag, bit] of Object.entries(bits)) if (flags.includes(flag)) mask |= bit;
  head.writeUInt8(0x50, 12);
  head.writeUInt8(mask, 13);
  return Buffer.concat([head, bytesOf(data)]);
}

/** An IPv4 packet; `fragment` is the field of flags and offset. */
export function ipv4(
  payload: Buffer,
  { from = 1, to = 2, fragment = 0x4000, id = 0 } = {},
): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(20 + payload.length, 2);
  head.writeUInt16BE(id, 4);
  head.writeUInt16BE(fragment, 6);
  head.writeUInt8(64, 8);
  head.writeUInt8(6, 9);
  head.set([10, 0, 0, from, 10, 0, 0, to], 12);
  return Buffer.concat([head, payload]);
}

/** An IPv6 packet whose payload begins with the header of number `next`. */
export function ipv6(payload: Buffer, next = 6): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt8(0x60, 0);
  head.writeUInt16BE(payload.length, 4);
  head.writeUInt8(next, 6);
  head.writeUInt8(64, 7);
  head.set([0xfe, 0x80], 8);
  head.writeUInt8(1, 23);
  head.set([0xfe, 0x80], 24);
  head.writeUInt8(2, 39);
  return Buffer.concat([head, payload]);
}

/** A segment in IPv4, as it goes over the wire. */
export function packetOf(spec: SegmentSpec): Buffer {
  const { from = CLIENT, to = SERVER } = spec;
  return ipv4(tcp(spec), { from: from[0], to: to[0] });
}

export function ethernet(packet: Buffer, tags = '', type = '0800'): Buffer {
  return Buffer.concat([Buffer.alloc(12), bytesOf(tags + type), packet]);
}

interface PcapSpec {
  readonly linkType?: number;
  readonly isBig?: boolean;
  readonly isNano?: boolean;
  /** Of the first frame, since 1970; each frame is a millisecond later. */
  readonly timeMs?: number;
}

/** A pcap file, of raw IP if nothing else is said. */
export function pcapOf(frames: readonly Buffer[], spec: PcapSpec = {}): Buffer {
  const { isBig = false, isNano = false, linkType = 101, timeMs = 1_700_000_000_000 } = spec;
  const u32 = (...values: number[]) => numbers(values, isBig);
  const magic = isNano ? 0xa1b23c4d : 0xa1b2c3d4;
  const parts = [u32(magic, isBig ? 0x00020004 : 0x00040002, 0, 0, 262_144, linkType)];
  for (const [index, frame] of frames.entries()) {
    const now = timeMs + index;
    const ticks = (now % 1000) * (isNano ? 1e6 : 1e3);
    parts.push(u32(Math.floor(now / 1000), ticks, frame.length, frame.length), frame);
  }
  return Buffer.concat(parts);
}

/** Numbers of four bytes each. */
export function numbers(values: readonly number[], isBig: boolean): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) {
    if (isBig) bytes.writeUInt32BE(value >>> 0, 4 * index);
    else bytes.writeUInt32LE(value >>> 0, 4 * index);
  }
  return bytes;
}

/** A block of pcapng. */
export function blockOf(type: number, body: Buffer, isBig = false): Buffer {
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
  const length = 12 + body.length + padding.length;
  const head = numbers([type, length], isBig);
  return Buffer.concat([head, body, padding, numbers([length], isBig)]);
}

export function sectionBlock(isBig = false): Buffer {
  const body = Buffer.concat([numbers([0x1a2b3c4d, isBig ? 0x00010000 : 1], isBig), ONES]);
  return blockOf(0x0a0d0d0a, body, isBig);
}

const ONES = Buffer.alloc(8, 0xff);

/** `options` as they stand in the file. */
export function interfaceBlock(linkType: number, options = Buffer.alloc(0), isBig = false): Buffer {
  const link = Buffer.alloc(4);
  if (isBig) link.writeUInt16BE(linkType);
  else link.writeUInt16LE(linkType);
  return blockOf(1, Buffer.concat([link, numbers([0], isBig), options]), isBig);
}

export function packetBlock(index: number, ticks: bigint, frame: Buffer, isBig = false): Buffer {
  const time = [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];
  const head = numbers([index, ...time, frame.length, frame.length], isBig);
  return blockOf(6, Buffer.concat([head, frame]), isBig);
}

/** The four bytes of a client's WebSocket frames, from RFC 6455's example. */
const MASK = Buffer.from('37fa213d', 'hex');

/** One WebSocket frame; `first` is its first byte: 0x82 is a whole binary message. */
export function webSocketFrame(payload: Buffer, isMasked: boolean, first = 0x82): Buffer {
  const short = payload.length < 126 ? payload.length : 126;
  const long = Buffer.alloc(short === 126 ? 2 : 0);
  if (short === 126) long.writeUInt16BE(payload.length);
  const head = Buffer.from([first, short | (isMasked ? 0x80 : 0)]);
  if (!isMasked) return Buffer.concat([head, long, payload]);
  const masked = payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0));
  return Buffer.concat([head, long, MASK, masked]);
}

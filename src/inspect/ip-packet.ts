import type { Buffer } from 'node:buffer';

const IPV6_HEADER_BYTES = 40;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION_HEADER = 51;
/** Headers between that of IPv6 and what it carries, which tell their length in units of 8. */
const EXTENSION_HEADERS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const EXTENSIONS_MAX = 16;

/** One IP packet, or a part of one. */
export interface IpPacket {
  readonly source: Buffer;
  readonly destination: Buffer;
  /** Number of what it carries. */
  readonly protocol: number;
  /** What it carries, as far as it was kept. */
  readonly payload: Buffer;
  /** So many bytes more were sent. */
  readonly missingBytes: number;
  /** Undefined if the packet is whole. */
  readonly fragment: Fragment | undefined;
}

interface Fragment {
  /** The same for all fragments of one packet between two addresses. */
  readonly id: number;
  readonly start: number;
  readonly isLast: boolean;
}

/** Reads the IP packet at the begin of `bytes`; undefined if there is none. */
export function readIpPacket(bytes: Buffer): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return bytes.length < 20 ? undefined : readIpv4(bytes);
  if (version === 6) return bytes.length < IPV6_HEADER_BYTES ? undefined : readIpv6(bytes);
  return undefined;
}

function readIpv4(bytes: Buffer): IpPacket | undefined {
  const headerBytes = ((bytes[0] ?? 0) & 0x0f) * 4;
  // 0 where the network card was to cut it: it is captured whole then.
  const length = bytes.readUInt16BE(2) || bytes.length;
  if (headerBytes < 20 || length < headerBytes || headerBytes > bytes.length) return undefined;
  const flags = bytes.readUInt16BE(6);
  const start = (flags & 0x1fff) * 8;
  const isLast = (flags & 0x2000) === 0;
  return {
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    protocol: bytes[9] ?? 0,
    // What lies behind the length fills up a short Ethernet frame.
    payload: bytes.subarray(headerBytes, Math.min(length, bytes.length)),
    missingBytes: Math.max(0, length - bytes.length),
    fragment: start === 0 && isLast ? undefined : { id: bytes.readUInt16BE(4), start, isLast },
  };
}

function readIpv6(bytes: Buffer): IpPacket | undefined {
  const end = IPV6_HEADER_BYTES + bytes.readUInt16BE(4);
  const length = end === IPV6_HEADER_BYTES ? bytes.length : end;
  const kept = bytes.subarray(0, Math.min(length, bytes.length));
  let protocol = bytes[6] ?? 0;
  let at = IPV6_HEADER_BYTES;
  let fragment: Fragment | undefined;
  for (let passed = 0; passed < EXTENSIONS_MAX && at + 8 <= kept.length; passed += 1) {
    const size = extensionBytes(protocol, kept[at + 1] ?? 0);
    if (size === 0) break;
    if (protocol === FRAGMENT_HEADER) fragment = fragmentAt(kept, at);
    protocol = kept[at] ?? 0;
    at += size;
    // What a later fragment carries is no header, though it may look like one.
    if (fragment !== undefined && fragment.start > 0) break;
  }
  return {
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    protocol,
    payload: kept.subarray(at),
    missingBytes: Math.max(0, length - bytes.length),
    fragment,
  };
}

/** Size of the header of this number, which gives `units` itself; 0 if it is none to pass over. */
function extensionBytes(protocol: number, units: number): number {
  if (protocol === FRAGMENT_HEADER) return 8;
  if (protocol === AUTHENTICATION_HEADER) return (units + 2) * 4;
  return EXTENSION_HEADERS.has(protocol) ? (units + 1) * 8 : 0;
}

/** A header of fragments on a packet that is whole is passed over. */
function fragmentAt(bytes: Buffer, at: number): Fragment | undefined {
  const flags = bytes.readUInt16BE(at + 2);
  const start = flags & 0xfff8;
  const isLast = (flags & 1) === 0;
  return start === 0 && isLast ? undefined : { id: bytes.readUInt32BE(at + 4), start, isLast };
}

import type { Buffer } from 'node:buffer';

const HEADER_BYTES_MIN = 20;

/** One segment of a TCP connection. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Undefined if it acknowledges nothing. */
  readonly acknowledged: number | undefined;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly isReset: boolean;
  /** Where its data begins in the bytes that it was read from. */
  readonly dataStart: number;
}

/** Reads the header of a segment; undefined if it is cut or none. */
export function readTcpSegment(bytes: Buffer): TcpSegment | undefined {
  if (bytes.length < HEADER_BYTES_MIN) return undefined;
  const dataStart = ((bytes[12] ?? 0) >> 4) * 4;
  if (dataStart < HEADER_BYTES_MIN) return undefined;
  const flags = bytes[13] ?? 0;
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledged: (flags & 0x10) === 0 ? undefined : bytes.readUInt32BE(8),
    isSyn: (flags & 0x02) !== 0,
    isFin: (flags & 0x01) !== 0,
    isReset: (flags & 0x04) !== 0,
    dataStart,
  };
}

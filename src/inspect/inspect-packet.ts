import type { Buffer } from 'node:buffer';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { PacketReader } from '../codec/packet-reader.ts';
import type { PacketName } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readPacket } from '../codec/read-packet.ts';
import type { SenderSide } from '../codec/reason-code.ts';
import { type BreachTrace, CutShort, type FieldTrace, TracingReader } from './tracing-reader.ts';

/** How to read a packet. */
export interface ReadContext {
  /** The version in force; a CONNECT is read by what it says itself. */
  readonly level: ProtocolLevel;
  readonly sender: SenderSide;
  /** What the fixed header announces, with itself; undefined while the header is unfinished. */
  readonly size: number | undefined;
}

/** What one packet holds, and what is wrong with it. */
export interface Inspection {
  /** Undefined for a reserved type, and where no byte is there. */
  readonly name: PacketName | undefined;
  /** The version by which it was read. */
  readonly level: ProtocolLevel;
  readonly sender: SenderSide;
  /** Undefined where the reading ended early. */
  readonly packet: Packet | undefined;
  /** The bytes at hand, from the packet's first on. */
  readonly bytes: Buffer;
  /** In wire order; they cover `bytes`, and but for parts of a byte they do not overlap. */
  readonly fields: readonly FieldTrace[];
  /** In the order in which they were met; the first is what a broker refuses the packet for. */
  readonly breaches: readonly BreachTrace[];
  readonly uncountedBreaches: number;
  /** Bytes that the packet lacks at its end: at least so many, if its header is unfinished. */
  readonly missingBytes: number;
}

/** Reads one packet as the broker would, but goes on after each fault. Never throws. */
export function inspectPacket(bytes: Buffer, context: ReadContext): Inspection {
  const r = new TracingReader();
  const size = context.size ?? bytes.length + 1;
  r.reset(bytes, 0, size);
  r.level = context.level;
  r.sender = context.sender;
  const packet = readTraced(r);
  r.finish();
  return {
    name: r.packetName,
    level: r.level,
    sender: context.sender,
    packet,
    bytes,
    fields: r.fields,
    breaches: r.breaches,
    uncountedBreaches: r.uncountedBreaches,
    missingBytes: Math.max(0, size - bytes.length),
  };
}

/** Whether a whole packet breaks no rule of this version about bytes. */
export function isClean(bytes: Buffer, level: ProtocolLevel): boolean {
  const r = new PacketReader();
  r.reset(bytes, 0, bytes.length);
  r.level = level;
  try {
    readPacket(r);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function readTraced(r: TracingReader): Packet | undefined {
  try {
    return readPacket(r);
  } catch (error) {
    if (error instanceof ProtocolError) r.note(error);
    else if (!(error instanceof CutShort)) throw error;
    return undefined;
  }
}

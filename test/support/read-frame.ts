import type { Buffer } from 'node:buffer';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import type { SenderSide } from '../../src/codec/reason-code.ts';

/** A reader of these bytes. */
export function readerOf(
  bytes: Buffer,
  level: ProtocolLevel = 5,
  sender: SenderSide = 'either',
): PacketReader {
  const r = new PacketReader();
  r.level = level;
  r.sender = sender;
  r.reset(bytes, 0, bytes.length);
  return r;
}

/** The packet of which these are all the bytes. */
export function readFrame(
  frame: Buffer,
  level: ProtocolLevel = 5,
  sender: SenderSide = 'either',
): Packet {
  return readPacket(readerOf(frame, level, sender));
}

import { Buffer } from 'node:buffer';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';

/** The packet's bytes, to keep. */
export function writeFrame(packet: Packet, level: ProtocolLevel = 5): Buffer {
  return Buffer.from(writePacket(new PacketWriter(), packet, level));
}

import { Buffer } from 'node:buffer';
import { PACKET_TYPES, type PacketName } from '../codec/packet-type.ts';

/** A packet of this body: the fixed header is put before it, with the length that there is. */
export function withHeader(name: PacketName, flags: number, body: Buffer): Buffer {
  const header = [(PACKET_TYPES[name].code << 4) | flags];
  let left = body.length;
  do {
    const more = left > 0x7f ? 0x80 : 0;
    header.push((left & 0x7f) | more);
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

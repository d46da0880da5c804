import type { Buffer } from 'node:buffer';
import { readIpPacket } from './ip-packet.ts';
import { ipStart } from './link-layer.ts';

/** Raw IP, Ethernet, both forms of Linux "any", loopback. */
const LINKS = [101, 1, 113, 276, 0];
/** Short Ethernet frames are filled up to 60 bytes. */
const PADDING_MAX = 46;

/** On which kind of link a packet of the network was seen, by where in it IP fits. */
export function guessLink(frame: Buffer): number | undefined {
  return LINKS.find((link) => {
    const start = ipStart(link, frame);
    const packet = start === undefined ? undefined : readIpPacket(frame.subarray(start));
    if (start === undefined || packet === undefined) return false;
    const end = packet.payload.byteOffset - frame.byteOffset + packet.payload.length;
    return packet.protocol === 6 && frame.length - end <= PADDING_MAX;
  });
}

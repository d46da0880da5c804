import type { Buffer } from 'node:buffer';
import { isPcap } from './pcap-file.ts';
import { isPcapng } from './pcapng-file.ts';

/** How files begin that hold others, or the packets of a network, in hex: pcap, pcapng, gzip. */
export const CONTAINER_MAGICS: readonly string[] = [
  'd4c3b2a1',
  'a1b2c3d4',
  '4d3cb2a1',
  'a1b23c4d',
  '0a0d0d0a',
  '1f8b',
];

/** Whether bytes begin as a gzip file. */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether bytes begin as a file with the packets of a network. */
export function isCaptureFile(bytes: Buffer): boolean {
  return isPcap(bytes) || isPcapng(bytes);
}

/** Whether bytes begin as either. */
export function isContainer(bytes: Buffer): boolean {
  return isGzip(bytes) || isCaptureFile(bytes);
}

import type { Buffer } from 'node:buffer';
import { packetNameOf } from '../codec/packet-type.ts';
import { cleanBytes } from './clean-chain.ts';
import { frameAt } from './frame-finder.ts';

/** Packets in a row, in bytes of any kind. */
interface ScanHit {
  readonly start: number;
  readonly end: number;
}

/**
 * Looks for packets at every offset: whole ones that break no rule, of which two are in a row or
 * the first is a CONNECT; a single one may be chance, and counts only if `which` is `all`.
 */
export function scanPackets(bytes: Buffer, which: 'runs' | 'all'): ScanHit[] {
  const hits: ScanHit[] = [];
  let start = 0;
  while (start < bytes.length) {
    const length = cleanBytes(bytes.subarray(start));
    if (length > 0 && (which === 'all' || isTelling(bytes, start, length))) {
      hits.push({ start, end: start + length });
      start += length;
    } else start += 1;
  }
  return hits;
}

function isTelling(bytes: Buffer, start: number, length: number): boolean {
  if (packetNameOf(bytes[start] ?? 0) === 'connect') return true;
  const first = frameAt(bytes, start, true);
  return first.kind === 'frame' && first.size < length;
}

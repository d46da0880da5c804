import { Buffer } from 'node:buffer';
import { renderTree } from '../../src/inspect/render-tree.ts';
import { PLAIN_THEME } from '../../src/inspect/theme.ts';
import { decodeChunks } from '../support/decode-text.ts';
import type { DifferentialCase } from './case-maker.ts';

const TREE = {
  theme: PLAIN_THEME,
  columns: 100,
  isFlat: true,
  showSecrets: true,
  isFull: false,
} as const;

/** A case for a person: its bytes in hex, and what they say. */
export function renderCase({ legs }: DifferentialCase): string {
  const parts = legs.map(({ torn, units }, index) => {
    const lines = units.map((unit) => unit.toString('hex'));
    const end = torn.length > 0 ? [`${torn.toString('hex')} (torn off)`] : [];
    const { packets } = decodeChunks([Buffer.concat([...units, torn]).toString('hex')]);
    const trees = packets.map((packet) => renderTree(packet, TREE));
    return [`connection ${index + 1}:`, ...lines, ...end, ...trees].join('\n');
  });
  return parts.join('\n');
}

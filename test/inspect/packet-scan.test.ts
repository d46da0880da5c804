import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scanPackets } from '../../src/inspect/packet-scan.ts';

const CONNECT = '100d00044d5154540402003c000174';
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  ['a CONNECT', `ff ${CONNECT} ff`, [[1, 16]], [[1, 16]]],
  ['two in a row', 'ff c000 d000 ff', [[1, 5]], [[1, 5]]],
  ['a single one', 'ff c000 ff', [], [[1, 3]]],
  ['a broken one', 'ff 40020000 ff', [], []],
  ['none', 'ffff', [], []],
])('finds %s', (_what, text, runs, all) => {
  const spans = (which: 'runs' | 'all') =>
    scanPackets(hex(text), which).map(({ end, start }) => [start, end]);
  expect(spans('runs')).toEqual(runs);
  expect(spans('all')).toEqual(all);
});

it('finds a CONNECT in any bytes, but for those of a packet that begins before it', () => {
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.map((byte) => byte | 0xf1));
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      const bytes = Buffer.concat([before, hex(CONNECT), after]);
      const hits = scanPackets(bytes, 'runs');
      expect(hits.some(({ start }) => start === before.length)).toBe(true);
    }),
  );
});

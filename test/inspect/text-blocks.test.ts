import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { TextBlock } from '../../src/inspect/capture-form.ts';
import type { CaptureOptions } from '../../src/inspect/capture-options.ts';
import { TextBlocks } from '../../src/inspect/text-blocks.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';

function pass(blocks: readonly (Omit<TextBlock, 'bytes' | 'line'> & { hex: string })[][]) {
  return passWith({}, blocks);
}

function passWith(
  options: Partial<CaptureOptions>,
  batches: readonly (Omit<TextBlock, 'bytes' | 'line'> & { hex: string })[][],
) {
  const target = new RecordedCapture();
  const passing = new TextBlocks(target, { streams: { last: 0 }, ...options });
  for (const blocks of batches) {
    passing.push(blocks.map((b, i) => ({ ...b, line: i + 1, bytes: Buffer.from(b.hex, 'hex') })));
  }
  passing.end();
  return target;
}

it('joins blocks of each side, and keeps their lines, times and labels', () => {
  const target = pass([
    [
      { hex: '3004', side: 'own', timeMs: 5, label: 'a' },
      { hex: 'd000', side: 'peer' },
      { hex: '00017478', side: 'own' },
    ],
  ]);
  expect(target.hex(1, 'c2s')).toBe('300400017478');
  expect(target.hex(1, 's2c')).toBe('d000');
  expect(target.pieces[0]).toMatchObject({ place: { line: 1 }, timeMs: 5, label: 'a' });
  expect(target.breaks).toEqual([]);
  expect(target.ends).toEqual([[1, 'closed']]);
});

it('ends an unfinished packet where a block that stands apart is clean on its own', () => {
  const kinds = (isApart: boolean, next: string) =>
    pass([[{ hex: '30090003' }, { hex: next, isApart }]]).breaks.map(({ kind }) => kind);
  expect(kinds(true, 'c000')).toEqual(['boundary']);
  expect(kinds(true, '612f62')).toEqual([]);
  expect(kinds(false, 'c000')).toEqual([]);
});

it('tells of bytes that were not printed', () => {
  const { breaks } = pass([
    [
      { hex: '3009', missingBytes: 9 },
      { hex: 'c000', isApart: true },
    ],
  ]);
  expect(breaks).toEqual([{ stream: 1, direction: 'unknown', kind: 'missing', length: 9 }]);
});

it('swaps marks that the first packets contradict, for all that follow', () => {
  const target = pass([
    [
      { hex: '20020000', side: 'own' },
      { hex: 'c000', side: 'peer' },
    ],
    [{ hex: 'e000', side: 'peer' }],
  ]);
  expect(target.hex(1, 'c2s')).toBe('c000e000');
  expect(target.notes).toEqual([expect.stringContaining('swapped')]);
  const agreed = pass([
    [
      { hex: 'c000', side: 'own' },
      { hex: '20020000', side: 'own' },
    ],
  ]);
  expect(agreed.notes).toEqual([]);
});

it('opens a stream for each that the text tells apart', () => {
  const target = pass([[{ hex: 'c000' }, { hex: 'd000', stream: 2 }, { hex: 'e000' }]]);
  expect(target.openings.map(({ stream }) => stream)).toEqual([1, 2]);
  expect(target.hex(1, 'unknown')).toBe('c000e000');
});

it('passes packets of the network on as such, and takes the direction that is asked for', () => {
  const frame =
    '4500002a00004000400626cc0a0000010a0000029c40075b000003e9000007d5501802002a6e0000c000';
  const target = pass([[{ hex: frame, linkType: 101 }]]);
  expect(target.hex(1, 'c2s')).toBe('c000');
  const forced = passWith({ direction: 's2c' }, [[{ hex: 'c000', side: 'own' }]]);
  expect(forced.hex(1, 's2c')).toBe('c000');
});

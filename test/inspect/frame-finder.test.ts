import { expect, it } from 'vitest';
import { frameAt, soughtFrameAt } from '../../src/inspect/frame-finder.ts';
import { hex } from '../support/hex.ts';

it.each([
  ['a frame by its length, whatever is inside', hex`30 02 ffff`, false, 'frame', 4],
  ['a frame that goes on', hex`30 05 00`, false, 'partial', 7],
  ['a header that goes on', hex`30 80`, true, 'partial', undefined],
  ['a length that is none', hex`30 ffffffff 01`, false, 'broken', 5],
  ['an illegal first byte before a legal one', hex`36 00 c0`, false, 'frame', 2],
  ['an illegal first byte at the end', hex`36 00`, true, 'frame', 2],
  ['an illegal first byte, and no end yet', hex`36 00`, false, 'partial', 3],
  ['noise before noise', hex`36 00 00`, true, 'noise', undefined],
  ['noise whose length does not fit', hex`36 05 00`, true, 'noise', undefined],
  ['noise whose length is none', hex`36 ffffffff`, true, 'noise', undefined],
])('tells %s', (...row) => {
  const [, bytes, isEnd, kind, size] = row;
  const found = frameAt(bytes, 0, isEnd);
  expect(found.kind).toBe(kind);
  expect('size' in found ? found.size : undefined).toBe(size);
});

it.each([
  ['takes a clean packet', hex`40 02 0001 c0`, false, 'frame'],
  ['takes a clean packet of the other version', hex`40 03 0001 10`, true, 'frame'],
  ['passes over one that is not clean', hex`40 02 0000`, true, 'noise'],
  ['passes over one before noise', hex`40 02 0001 00`, false, 'noise'],
  ['waits for the byte behind it', hex`40 02 0001`, false, 'partial'],
  ['does not wait for large packets', hex`30 ffff7f`, false, 'noise'],
])('%s in noise', (_what, bytes, isEnd, kind) => {
  expect(soughtFrameAt(bytes, 0, isEnd, undefined).kind).toBe(kind);
});

it('takes in noise only what the version in force allows', () => {
  expect(soughtFrameAt(hex`40 03 0001 10`, 0, true, 4).kind).toBe('noise');
});

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { RawBytes } from '../../src/inspect/raw-bytes.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';

it.each([
  ['closed', false],
  ['stopped', true],
] as const)('passes bytes on as they come, and ends as %s', (how, isLive) => {
  const target = new RecordedCapture();
  const raw = new RawBytes(target, { title: 'a.bin', isLive, streams: { last: 4 } });
  raw.push(Buffer.from('c0', 'hex'));
  raw.push(Buffer.from('00d0', 'hex'));
  raw.end();
  expect(target.openings).toEqual([{ stream: 5, title: 'a.bin' }]);
  expect(target.pieces.map(({ bytes, place }) => [bytes.toString('hex'), place])).toEqual([
    ['c0', { byte: 0 }],
    ['00d0', { byte: 1 }],
  ]);
  expect(target.ends).toEqual([[5, how]]);
});

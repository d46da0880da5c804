import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { CaptureDecoder } from '../../src/inspect/capture-decoder.ts';
import type { Direction } from '../../src/inspect/capture-target.ts';
import { RecordedStream } from '../support/decode-text.ts';

const CONNECT = '100e00044d5154540502003c00000174';

function decoded(pieces: readonly (readonly [number, Direction, string])[]) {
  const recorded = new RecordedStream();
  const decoder = new CaptureDecoder(recorded, undefined);
  const streams = new Set(pieces.map(([stream]) => stream));
  for (const stream of streams) decoder.onStream({ stream, title: `file ${stream}` });
  for (const [index, [stream, direction, hex]] of pieces.entries()) {
    const bytes = Buffer.from(hex, 'hex');
    const place = { byte: index };
    decoder.onPiece({ stream, direction, bytes, place, timeMs: index, label: undefined });
  }
  for (const stream of streams) decoder.onStreamEnd(stream, 'closed');
  return recorded;
}

it('keeps the sides of a stream apart, and numbers all packets in one row', () => {
  const { notes, packets } = decoded([
    [1, 'c2s', 'c0'],
    [2, 's2c', 'd0'],
    [1, 's2c', 'd000'],
    [2, 's2c', '00'],
    [1, 'c2s', '00'],
  ]);
  const seen = packets.map((p) => [p.number, p.stream, p.direction, p.offset, p.timeMs]);
  expect(seen).toEqual([
    [1, 1, 's2c', 0, 2],
    [2, 2, 's2c', 0, 3],
    [3, 1, 'c2s', 0, 4],
  ]);
  expect(notes).toEqual(['stream 1 is file 1', 'stream 2 is file 2']);
});

it('reads what a server sends by the version that its client named', () => {
  const { packets } = decoded([
    [1, 'c2s', CONNECT],
    [1, 's2c', '2003000000'],
    [2, 's2c', '20020000'],
  ]);
  expect(packets.map(({ version }) => [version.level, version.from])).toEqual([
    [5, 'connect'],
    [5, 'connect'],
    [4, 'inferred'],
  ]);
});

it('takes who sent a packet from the capture, not from its type', () => {
  const { packets } = decoded([[1, 'c2s', '3003000174']]);
  expect(packets[0]?.inspection.sender).toBe('client');
});

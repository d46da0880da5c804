import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { CapturedFrame } from '../../src/inspect/captured-frame.ts';
import { isPcapng, PcapngFile } from '../../src/inspect/pcapng-file.ts';
import { blockOf, interfaceBlock, numbers, packetBlock, sectionBlock } from '../support/wire.ts';

function read(file: Buffer, step = file.length) {
  const frames: CapturedFrame[] = [];
  const notes: string[] = [];
  const reader = new PcapngFile({
    onFrame: (frame) => frames.push(frame),
    onNote: (text) => notes.push(text),
  });
  for (let at = 0; at < file.length; at += step) reader.push(file.subarray(at, at + step));
  reader.end();
  const shown = frames.map(({ bytes, linkType, timeMs }) => [
    bytes.toString('hex'),
    linkType,
    timeMs,
  ]);
  return { shown, frames, notes };
}

const FRAME = Buffer.from('aabbccdd05', 'hex');
const NOW_MS = 1_700_000_000_123;
const NOW_US = BigInt(NOW_MS) * 1000n;

it.each([
  ['small', false],
  ['big', true],
])('reads the frames of a section, %s end first, in any pieces', (_what, isBig) => {
  const file = Buffer.concat([
    sectionBlock(isBig),
    interfaceBlock(1, undefined, isBig),
    interfaceBlock(101, undefined, isBig),
    blockOf(0x0bad, Buffer.from('unknown'), isBig),
    packetBlock(1, NOW_US, FRAME, isBig),
    packetBlock(0, NOW_US + 1000n, FRAME, isBig),
  ]);
  expect(isPcapng(file)).toBe(true);
  for (const step of [1, 13, file.length]) {
    const { frames, notes, shown } = read(file, step);
    expect(shown).toEqual([
      ['aabbccdd05', 101, NOW_MS],
      ['aabbccdd05', 1, NOW_MS + 1],
    ]);
    expect(frames.map(({ byte }) => file.toString('hex', byte, byte + 5))).toEqual([
      'aabbccdd05',
      'aabbccdd05',
    ]);
    expect(notes).toEqual([]);
  }
});

it.each([
  ['nanoseconds', '0900 0100 09 000000', BigInt(NOW_MS) * 1_000_000n],
  ['halves of a second, to the tenth', '0900 0100 8a 000000', (BigInt(NOW_MS) * 1024n) / 1000n],
  ['microseconds since another time', '0e00 0800 0a00000000000000', NOW_US - 10_000_000n],
])('reads times in %s', (_what, hex, ticks) => {
  const options = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const parts = [sectionBlock(), interfaceBlock(1, options), packetBlock(0, ticks, FRAME)];
  const [frame] = read(Buffer.concat(parts)).frames;
  expect(Math.abs((frame?.timeMs ?? 0) - NOW_MS)).toBeLessThan(1);
});

it('counts interfaces anew in each section, whose order of bytes may differ', () => {
  const file = Buffer.concat([
    sectionBlock(),
    interfaceBlock(1),
    sectionBlock(true),
    interfaceBlock(113, undefined, true),
    packetBlock(0, NOW_US, FRAME, true),
    packetBlock(1, NOW_US, FRAME, true),
  ]);
  expect(read(file).shown).toEqual([['aabbccdd05', 113, NOW_MS]]);
});

it('reads simple and old packets', () => {
  const file = Buffer.concat([
    sectionBlock(),
    interfaceBlock(101),
    blockOf(3, Buffer.concat([numbers([5], false), FRAME])),
    blockOf(2, Buffer.concat([numbers([0, 0, 1000, 5, 5], false), FRAME])),
  ]);
  expect(read(file).shown).toEqual([
    ['aabbccdd05', 101, undefined],
    ['aabbccdd05', 101, 1],
  ]);
});

it('goes no further than a length that no block has', () => {
  const file = Buffer.concat([sectionBlock(), numbers([6, 0x7fffffff, 0, 0], false)]);
  expect(read(file).notes[0]).toContain('damaged');
});

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { CapturedFrame } from '../../src/inspect/captured-frame.ts';
import { isPcap, PcapFile } from '../../src/inspect/pcap-file.ts';
import { pcapOf } from '../support/wire.ts';

function read(file: Buffer, step = file.length) {
  const frames: CapturedFrame[] = [];
  const notes: string[] = [];
  const reader = new PcapFile({
    onFrame: (frame) => frames.push(frame),
    onNote: (text) => notes.push(text),
  });
  for (let at = 0; at < file.length; at += step) reader.push(file.subarray(at, at + step));
  reader.end();
  return { frames, notes };
}

const FRAMES = ['aabbcc', '', 'dd'].map((hex) => Buffer.from(hex, 'hex'));

it.each([
  ['microseconds, small end first', {}],
  ['microseconds, big end first', { isBig: true }],
  ['nanoseconds, small end first', { isNano: true }],
  ['nanoseconds, big end first', { isBig: true, isNano: true }],
])('reads frames, their times and places: %s', (_what, spec) => {
  const file = pcapOf(FRAMES, { ...spec, linkType: 113, timeMs: 1_700_000_000_123 });
  expect(isPcap(file)).toBe(true);
  for (const step of [1, 7, file.length]) {
    const { frames, notes } = read(file, step);
    expect(frames.map((frame) => frame.bytes.toString('hex'))).toEqual(['aabbcc', '', 'dd']);
    expect(frames.map((frame) => frame.linkType)).toEqual([113, 113, 113]);
    expect(frames.map((frame) => frame.timeMs)).toEqual(
      [123, 124, 125].map((ms) => 1_700_000_000_000 + ms),
    );
    expect(frames.map((frame) => frame.byte)).toEqual([40, 59, 75]);
    expect(notes).toEqual([]);
  }
});

it('tells of a frame that the end cuts, and passes on those before it', () => {
  const { frames, notes } = read(pcapOf(FRAMES).subarray(0, -1));
  expect(frames).toHaveLength(2);
  expect(notes).toEqual(['the capture ends within a frame: 16 bytes of it']);
});

it('goes no further than a length that no frame has', () => {
  const file = pcapOf(FRAMES);
  file.writeUInt32LE(0xffffffff, 24 + 16 + 3 + 8);
  const { frames, notes } = read(file);
  expect(frames).toHaveLength(1);
  expect(notes[0]).toContain('damaged: a record of 4294967295 bytes at byte 43');
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CaptureFile } from '../../src/inspect/capture-file.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import {
  ethernet,
  interfaceBlock,
  packetBlock,
  packetOf,
  pcapOf,
  sectionBlock,
} from '../support/wire.ts';

const CONNECT = '100d00044d5154540402003c000174';
const FRAMES = [
  { flags: 'S', seq: 99 },
  { seq: 108, data: CONNECT.slice(16) },
  { seq: 100, data: CONNECT.slice(0, 16) },
].map((spec) => ethernet(packetOf(spec)));
const PCAP = pcapOf(FRAMES, { linkType: 1 });
const PCAPNG = Buffer.concat([
  sectionBlock(),
  interfaceBlock(1),
  ...FRAMES.map((frame) => packetBlock(0, 5n, frame)),
]);

function read(chunks: readonly Buffer[]) {
  const target = new RecordedCapture();
  const file = new CaptureFile(target, { streams: { last: 0 } }, chunks[0] ?? Buffer.alloc(0));
  for (const chunk of chunks) file.push(chunk);
  file.end();
  return target;
}

it.each([
  ['pcap', PCAP],
  ['pcapng', PCAPNG],
])('finds the streams of a %s file, however it is cut', (_what, file) => {
  const whole = read([file]);
  expect(whole.hex(1, 'c2s')).toBe(CONNECT);
  for (let at = 4; at < file.length; at += 1) {
    const target = read([file.subarray(0, at), file.subarray(at)]);
    expect(target.pieces).toEqual(whole.pieces);
    expect(target.ends).toEqual([[1, 'stopped']]);
  }
});

it('refuses a capture of a link that it cannot read', () => {
  expect(() => read([pcapOf(FRAMES, { linkType: 147 })])).toThrow('link type 147');
});

it('survives any damage, and makes no bytes up', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(PCAP, PCAPNG),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(400),
      (file, changes, end) => {
        const broken = Buffer.from(file.subarray(0, Math.max(4, end)));
        for (const [at, byte] of changes) if (at >= 4 && at < broken.length) broken[at] = byte;
        const target = new RecordedCapture();
        const reader = new CaptureFile(target, { streams: { last: 0 } }, broken);
        reader.push(broken);
        try {
          reader.end();
        } catch (error) {
          expect(error).toMatchObject({ name: 'FormError' });
        }
        const bytes = target.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
        expect(bytes).toBeLessThanOrEqual(broken.length);
      },
    ),
    { numRuns: 3000 },
  );
});

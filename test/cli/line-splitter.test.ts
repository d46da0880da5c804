import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from '../../src/cli/line-splitter.ts';

function split(chunks: readonly Buffer[], bytesMax = 1000): string[] {
  const splitter = new LineSplitter(bytesMax);
  const lines = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...lines, ...splitter.end()].map((line) => line.toString('latin1'));
}

it.each([
  ['x\n\ny', ['x', '', 'y']],
  ['x\n', ['x']],
  ['', []],
  ['\n', ['']],
  ['a\r\nb\0c\n', ['a\r', 'b\0c']],
  ['\xff\xfe\n', ['\xff\xfe']],
])('cuts %j at each newline alone', (text, lines) => {
  expect(split([Buffer.from(text, 'latin1')])).toEqual(lines);
});

it('gives the same lines however the stream is cut', () => {
  const text = fc.stringMatching(/^[ab\n]*$/);
  fc.assert(
    fc.property(text, fc.array(fc.nat(20)), (whole, sizes) => {
      const bytes = Buffer.from(whole);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      const lines = whole.split('\n');
      expect(split(chunks)).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines);
    }),
  );
});

it('refuses a line that is too long, in one chunk or in many', () => {
  const line = Buffer.alloc(6, 'x');
  expect(split([line.subarray(1)], 5)).toEqual(['xxxxx']);
  const tooLong = expect.objectContaining({ kind: 'file' });
  expect(() => split([Buffer.concat([line, Buffer.from('\n')])], 5)).toThrow(tooLong);
  expect(() => split([line.subarray(3), line.subarray(3)], 5)).toThrow(tooLong);
});

it('does not keep the length of one line for the next', () => {
  expect(split([Buffer.from('xxx'), Buffer.from('x\nxxx'), Buffer.from('x\n')], 5)).toHaveLength(2);
});

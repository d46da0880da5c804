import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { hexDigits, plainForm } from '../../src/inspect/form-plain.ts';
import { textLines } from '../../src/inspect/text-lines.ts';

it.each([
  ['blanks', '10 0D 00'],
  ['nothing', '100d00'],
  ['commas and 0x', '0x10, 0x0d, 0x0'],
  ['colons', '10:0d:00'],
  ['hyphens', '10-0D-00'],
  ['groups and lines, the last short', '100d\n00'],
  ['a comment', '10 0d # 99 by hand\n00'],
])('reads pairs with %s between them', (_what, text) => {
  const lines = textLines(text);
  expect(plainForm.isFormOf(lines)).toBe(true);
  const bytes = plainForm.read(lines).blocks.map((block) => block.bytes);
  expect(Buffer.concat(bytes).toString('hex')).toBe('100d00');
});

it.each(['dead', '10 0', '10 zz', 'connect', ''])('does not take %j for hex', (text) => {
  expect(plainForm.isFormOf(textLines(text))).toBe(false);
});

it('adds the zero that C does not ask for', () => {
  expect(hexDigits('0x5')).toBe('05');
});

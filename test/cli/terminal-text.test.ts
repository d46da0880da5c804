import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { terminalText } from '../../src/cli/terminal-text.ts';

it.each([
  ['plain € 😀', 'plain € 😀'],
  ['\x1b[2J', '\\x1b[2J'],
  ['a\tb\r\n', 'a\\x09b\\x0d\\x0a'],
  ['\x7f', '\\x7f'],
  ['\x9b', '\\xc2\\x9b'],
  ['\u202e', '\\xe2\\x80\\xae'],
])('shows %j as %j', (text, shown) => {
  expect(terminalText(Buffer.from(text))).toBe(shown);
});

it.each([
  [[0xff, 0xfe], '\\xff\\xfe'],
  [[0x61, 0xe2, 0x82, 0x62], 'a\\xe2\\x82b'],
  [[0xff, 0xe2, 0x82, 0xac, 0x1b], '\\xff€\\x1b'],
  [[0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
])('shows bytes that are no UTF-8 one by one: %j', (bytes, shown) => {
  expect(terminalText(Buffer.from(bytes))).toBe(shown);
});

it('lets no control character through, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(terminalText(Buffer.from(bytes))).not.toMatch(/\p{Cc}|\ufffd/u);
    }),
  );
});

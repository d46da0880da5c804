import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asciiOf, quotedText, safeText } from '../../src/inspect/safe-text.ts';

it('lets no control character through to a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(safeText(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
  expect(safeText('\u001b[31m\u009b2J')).toBe('\\u{1b}[31m\\u{9b}2J');
});

it('writes out marks that turn the direction of writing', () => {
  expect(safeText('a\u202eb')).toBe('a\\u{202e}b');
});

it('leaves letters of any script alone', () => {
  expect(safeText('温度 ä€')).toBe('温度 ä€');
});

it('quotes so that quotes and backslashes inside are told from those around', () => {
  expect(quotedText('a"b\\n\n')).toBe('"a\\"b\\\\n\\n"');
});

it('shows bytes that are no printable ASCII as dots', () => {
  expect(asciiOf([0x00, 0x41, 0x7e, 0x7f, 0xc3])).toBe('.A~..');
});

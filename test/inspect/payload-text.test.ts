import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { isReadable, viewPayload } from '../../src/inspect/payload-text.ts';

function view(bytes: Buffer): string | undefined {
  const seen = viewPayload(bytes);
  return seen && `${seen.form}: ${seen.text}`;
}

it.each([
  ['21.5', 'text: 21.5'],
  ['{"a": 1}', 'JSON: {"a": 1}'],
  ['[1,2', 'text: [1,2'],
])('reads %s', (text, seen) => {
  expect(view(Buffer.from(text))).toBe(seen);
});

it.each([
  ['a1616101', 'CBOR: {"a": 1}'],
  ['ff', 'number: 255'],
  ['0102', 'number: 258 (little-endian 513)'],
  ['0000', 'number: 0'],
  ['41ac0000', 'number: 1101791232 (little-endian 44097); float 21.5'],
  ['0000ac41', 'number: 44097 (little-endian 1101791232); float 21.5 (little-endian)'],
  ['4035800000000000', 'number: 4626744929681408000 (little-endian 8402240); float 21.5'],
  ['000102', undefined],
  ['', undefined],
])('reads the bytes %s', (hex, seen) => {
  expect(view(Buffer.from(hex, 'hex'))).toBe(seen);
});

it('tells text that a person would write from other bytes', () => {
  expect(isReadable(Buffer.from('Grüße\r\n\t'))).toBe(true);
  expect(isReadable(Buffer.from('a\u001b[31m'))).toBe(false);
  expect(isReadable(Buffer.from([0xff]))).toBe(false);
});

import { expect, it } from 'vitest';
import { hexByte } from '../../src/base/hex-byte.ts';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { shownFields } from '../../src/inspect/shown-field.ts';
import { countText, cutText, millisecondsText, valueText } from '../../src/inspect/value-text.ts';
import { decodeOne } from '../support/decode-text.ts';

function text(hex: string, name: string, level: ProtocolLevel = 5): string {
  const field = shownFields(decodeOne(hex, level).inspection).findLast((one) => one.name === name);
  return field === undefined ? '' : valueText(field, false);
}

it.each([
  ['a unit', 'e0 07 04 05 11 0000000a', 'sessionExpiryInterval', '10 s'],
  ['a meaning', 'e0 07 04 05 11 ffffffff', 'sessionExpiryInterval', '4294967295 s, never'],
  ['a flag', '33 06 0001 74 0005 00', 'retain', 'yes'],
  ['a code', '40 03 0001 10', 'reasonCode', '0x10 No matching subscribers'],
  ['an implied code', '40 02 0001', 'reasonCode', '0x00 Success (implied)'],
  ['text', '30 06 0001 74 00 6869', 'payload', '2 bytes, text: hi'],
  ['binary data', '30 06 0001 74 00 00ff', 'payload', '2 bytes'],
  ['no payload', '30 04 0001 74 00', 'payload', '0 bytes'],
  ['a pair', '30 0b 0001 74 07 26 0001 6e 0001 22', 'userProperty', '"n" = "\\""'],
  ['a cut string', '30 09 0005 61', 'topicName', '"a" (cut short)'],
  ['a number that is cut', '40 02 00', 'packetId', '(cut short)'],
  ['a string that does not fit', '30 03 0005 61', 'topicName', '"a" (does not fit)'],
  [
    'a secret',
    'f0 0a 18 08 15 0001 6d 16 0001 ff',
    'authenticationData',
    '1 byte, hidden (--show-',
  ],
])('says the value of %s', (_what, hex, name, expected) => {
  expect(text(hex, name)).toContain(expected);
});

it('cuts at 256 bytes, but never within a character, unless asked for all', () => {
  expect(cutText('a'.repeat(256), false)).toEqual(['a'.repeat(256), 0]);
  expect(cutText('a'.repeat(300), false)).toEqual(['a'.repeat(256), 44]);
  expect(cutText(`${'a'.repeat(255)}€b`, false)).toEqual(['a'.repeat(255), 4]);
  expect(cutText('a'.repeat(300), true)).toEqual(['a'.repeat(300), 0]);
});

it('counts and writes bytes', () => {
  expect([countText(1), countText(2), countText(1, 'gap')]).toEqual(['1 byte', '2 bytes', '1 gap']);
  expect(hexByte(10)).toBe('0x0A');
});

it.each([
  [0.0004, '0'],
  [0.8, '0.8'],
  [1.9, '1.9'],
  [12.34, '12.3'],
  [1520.4, '1520'],
])('writes %d ms as %s', (ms, text) => {
  expect(millisecondsText(ms)).toBe(text);
});

import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { decodeOne } from '../support/decode-text.ts';

function spans(hex: string, level: ProtocolLevel = 5) {
  const faults = decodeOne(hex, level).findings.filter(({ severity }) => severity !== 'odd');
  return faults.map(({ span: { bits, end, start } }) =>
    bits === undefined ? [start, end] : [start, end, ...bits],
  );
}

it.each([
  ['the whole field', '40 02 0000', [2, 4]],
  ['one byte of a filter', '82 09 0001 00 0003 612362 00', [8, 9]],
  ['bits of a byte', '82 07 0001 00 0001 61 03', [8, 9, 1, 0]],
  ['bits of the first byte', '36 06 0001 61 0001 00', [0, 1, 2, 1]],
  ['a Remaining Length', 'd0 01 00', [1, 2]],
  ['a length that lies', '30 05 0009 612f62', [2, 4]],
  ['a property length that lies', '30 05 0001 61 09 00', [5, 6]],
  ['the id of a property', '30 07 0001 61 03 22 0001', [6, 7]],
  ['the value of a property', '30 07 0001 61 03 23 0000', [7, 9]],
  ['the ill-formed byte', '30 06 0003 61ff62 00', [5, 6]],
  ['nothing where a field is missing', '82 03 0001 00', [5, 5]],
  ['what is left over', 'e0 04 00 00 0102', [4, 6]],
  ['the length of an empty filter', '82 06 0001 00 0000 00', [5, 7]],
])('points at %s: %s', (_what, hex, span) => {
  expect(spans(hex)).toEqual([span]);
});

it('points at the will bits one by one [MQTT-3.1.2-11] [MQTT-3.1.2-13]', () => {
  const hex = '10 0e 0004 4d515454 05 2a 0000 00 0001 74';
  expect(spans(hex)).toEqual([
    [9, 10, 4, 3],
    [9, 10, 5, 5],
  ]);
});

it('points at authentication data that has no method', () => {
  const hex = '10 12 0004 4d515454 05 02 0000 04 16 0001 ff 0001 74';
  expect(spans(hex)).toEqual([[14, 17]]);
});

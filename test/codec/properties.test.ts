import { expect, it } from 'vitest';
import { findProperty, PROPERTIES, type PropertyPlace } from '../../src/codec/properties.ts';

/** Table 2-4 of MQTT 5.0, by packet. */
it.each([
  ['connect', '11 15 16 17 19 21 22 26 27'],
  ['will', '01 02 03 08 09 18 26'],
  ['connack', '11 12 13 15 16 1a 1c 1f 21 22 24 25 26 27 28 29 2a'],
  ['publish', '01 02 03 08 09 0b 23 26'],
  ['puback', '1f 26'],
  ['pubrec', '1f 26'],
  ['pubrel', '1f 26'],
  ['pubcomp', '1f 26'],
  ['subscribe', '0b 26'],
  ['suback', '1f 26'],
  ['unsubscribe', '26'],
  ['unsuback', '1f 26'],
  ['disconnect', '11 1c 1f 26'],
  ['auth', '15 16 1f 26'],
] as const)('gives %s the properties %s', (place: PropertyPlace, ids) => {
  const rows = PROPERTIES.filter((row) => place in row.in);
  expect(rows.map(({ id }) => id.toString(16).padStart(2, '0')).join(' ')).toBe(ids);
});

it.each([
  ['u8', '01 17 19 24 25 28 29 2a'],
  ['u16', '13 21 22 23'],
  ['u32', '02 11 18 27'],
  ['varint', '0b'],
  ['utf8', '03 08 12 15 1a 1c 1f'],
  ['binary', '09 16'],
  ['pair', '26'],
])('writes as %s the properties %s', (kind, ids) => {
  const rows = PROPERTIES.filter((row) => row.kind === kind);
  expect(rows.map(({ id }) => id.toString(16).padStart(2, '0')).join(' ')).toBe(ids);
});

it('has 27 properties, and finds each by its identifier', () => {
  expect(PROPERTIES).toHaveLength(27);
  for (const row of PROPERTIES) expect(findProperty(row.id)).toBe(row);
  for (const id of [0x00, 0x04, 0x0a, 0x14, 0x20, 0x2b, 0x7f]) {
    expect(findProperty(id)).toBeUndefined();
  }
});

it('allows every byte 0 and 1 alone, and no 0 where the standard forbids it', () => {
  const ranges = PROPERTIES.flatMap((row) => ('range' in row ? [[row.id, ...row.range]] : []));
  expect(ranges).toEqual([
    [0x01, 0, 1],
    [0x0b, 1, 268_435_455],
    [0x17, 0, 1],
    [0x19, 0, 1],
    [0x21, 1, 65_535],
    [0x23, 1, 65_535],
    [0x24, 0, 1],
    [0x25, 0, 1],
    [0x27, 1, 4_294_967_295],
    [0x28, 0, 1],
    [0x29, 0, 1],
    [0x2a, 0, 1],
  ]);
});

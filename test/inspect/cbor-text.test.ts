import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cborText } from '../../src/inspect/cbor-text.ts';

function cbor(hex: string): string | undefined {
  return cborText(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** Examples of RFC 8949, appendix A. */
it.each([
  ['00', '0'],
  ['1818', '24'],
  ['1b000000e8d4a51000', '1000000000000'],
  ['1bffffffffffffffff', '18446744073709551615'],
  ['20', '-1'],
  ['3903e7', '-1000'],
  ['f93c00', '1.0'],
  ['f90001', '5.960464477539063e-8'],
  ['f97c00', 'Infinity'],
  ['f97e00', 'NaN'],
  ['fa47c35000', '100000.0'],
  ['fb3ff199999999999a', '1.1'],
  ['f4', 'false'],
  ['f5', 'true'],
  ['f6', 'null'],
  ['f7', 'undefined'],
  ['f0', 'simple(16)'],
  ['f8ff', 'simple(255)'],
  ['c11a514b67b0', '1(1363896240)'],
  ['4401020304', "h'01020304'"],
  ['62225c', '"\\"\\\\"'],
  ['83010203', '[1, 2, 3]'],
  ['a201020304', '{1: 2, 3: 4}'],
  ['a26161016162820203', '{"a": 1, "b": [2, 3]}'],
  ['9f018202039f0405ffff', '[1, [2, 3], [4, 5]]'],
  ['bf61610161629f0203ffff', '{"a": 1, "b": [2, 3]}'],
  ['5f42010243030405ff', "(_ h'0102', h'030405')"],
])('reads %s as %s', (hex, text) => {
  expect(cbor(hex)).toBe(text);
});

it.each(['', '18', '8301', '830102', 'ff', '1c', 'fc', '0000', 'bf01ff', '9f01'])(
  'takes %j for no CBOR',
  (hex) => {
    expect(cbor(hex)).toBeUndefined();
  },
);

it('takes deep nests for none, and survives any bytes', () => {
  expect(cbor('81'.repeat(100_000))).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(['string', 'undefined']).toContain(typeof cborText(Buffer.from(bytes)));
    }),
    { numRuns: 2000 },
  );
});

it('cuts long lists', () => {
  expect(cbor(`99ffff${'00'.repeat(65_535)}`)).toHaveLength(2 + 256 * 3 - 2 + 3);
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerError } from '../../src/base/caller-error.ts';
import {
  parseBase64Bytes,
  parseCount,
  parseDurationMs,
  parseHexBytes,
  parseHost,
  parseNameValue,
  parsePort,
  parseQos,
  parseSizeBytes,
  percentShare,
  unusableValue,
  type ValueParser,
  wholeNumber,
  wholeSeconds,
} from '../../src/cli/option-values.ts';

const SOME_SECONDS = wholeSeconds(3600, 'never');

const ACCEPTED: [ValueParser<unknown>, string, unknown][] = [
  [parseHost, 'broker.lan', 'broker.lan'],
  [parseHost, '*', '*'],
  [parseHost, '::1', '::1'],
  [parseHost, '[::1]', '::1'],
  [parseHost, '[fe80::1%eth0]', 'fe80::1%eth0'],
  [parsePort, '0', 0],
  [parsePort, '01883', 1883],
  [parsePort, '65535', 65_535],
  [parseCount, '1', 1],
  [parseQos, '2', 2],
  [parseDurationMs, '2', 2000],
  [parseDurationMs, '0.5', 500],
  [parseDurationMs, '1.1', 1100],
  [parseDurationMs, '500ms', 500],
  [parseDurationMs, '2s', 2000],
  [parseDurationMs, '5m', 300_000],
  [parseDurationMs, '1.5h', 5_400_000],
  [parseDurationMs, '30d', 2_592_000_000],
  [parseDurationMs, '0', 0],
  [SOME_SECONDS, '2000ms', 2],
  [SOME_SECONDS, '1h', 3600],
  [percentShare, '10', 0.1],
  [percentShare, '2.5%', 0.025],
  [percentShare, '0 %', 0],
  [parseSizeBytes, '65536', 65_536],
  [parseSizeBytes, '10k', 10_000],
  [parseSizeBytes, '2M', 2_000_000],
  [parseSizeBytes, '1MiB', 1_048_576],
  [parseSizeBytes, '1GiB', 1_073_741_824],
  [parseHexBytes, '', Buffer.of()],
  [parseHexBytes, '0x00ff', Buffer.of(0, 255)],
  [parseHexBytes, '00:Ff,0a-0b  0c', Buffer.of(0, 255, 10, 11, 12)],
  [parseBase64Bytes, '//4=', Buffer.of(255, 254)],
  [parseBase64Bytes, '//4', Buffer.of(255, 254)],
  [parseNameValue, 'a=b=c', ['a', 'b=c']],
  [parseNameValue, 'a=', ['a', '']],
];

it.each(ACCEPTED)('reads (%o) %j as %o', (parse, text, value) => {
  expect(parse(text, '--x')).toEqual(value);
});

const REFUSED: [ValueParser<unknown>, string[]][] = [
  [parseHost, ['', 'h:1883', '[::1]:1883', 'mqtt://h', 'a b']],
  [parsePort, ['65536', '-1', '1.5', '1e3', '0x10', '', ' 1', '１']],
  [parseCount, ['0', '9007199254740993']],
  [parseQos, ['3', '-1', '', '1.0', '01']],
  [parseDurationMs, ['', 's', '2 s', '-1', '1h30m', '.5', '1e3', '2S', '9999999999999d']],
  [SOME_SECONDS, ['0.5', '3601', '500ms']],
  [percentShare, ['', '%', '-1', '1,5', 'x']],
  [parseSizeBytes, ['', 'k', '1.5k', '10 k', '1KB', '-1', '99999999999999GiB']],
  [parseBase64Bytes, ['=', '//4==', '/', '//5=', 'a b=', '_-4=']],
  [parseNameValue, ['a', '=b', '']],
];

describe.each(REFUSED)('%o', (parse, texts) => {
  it.each(texts)('refuses %j with what to write instead', (text) => {
    expect.assertions(2);
    try {
      parse(text, '--x');
    } catch (error) {
      expect(error).toMatchObject({ kind: 'usage', message: expect.stringMatching(/^--x /) });
      expect((error as CallerError).remedy).toMatch(/^(?:give|write) /);
    }
  });
});

it.each([
  ['0g', 2],
  ['g0', 1],
  ['0a 0', 5],
  ['0x1', 4],
  ['0a0x0b', 4],
  ['0a.0b', 3],
])('names the column of what is no hex: %s, %i', (text, column) => {
  expect(() => parseHexBytes(text, '--x')).toThrow(`--x is no hex at column ${column}`);
});

it('reads back any bytes from hex and base64', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const bytes = Buffer.from(array);
      expect(parseHexBytes(bytes.toString('hex'), '--x')).toEqual(bytes);
      expect(parseBase64Bytes(bytes.toString('base64'), '--x')).toEqual(bytes);
    }),
  );
});

it('names the bounds of a whole number', () => {
  const parse = wholeNumber(10, 20);
  expect([parse('10', '--x'), parse('20', '--x')]).toEqual([10, 20]);
  const remedy = 'give a whole number from 10 to 20';
  expect(() => parse('9', '--x')).toThrow(expect.objectContaining({ remedy }));
  expect(() => parse('21', '--x')).toThrow(expect.objectContaining({ remedy }));
});

it('shows an unusable value on one line, whatever is in it', () => {
  expect(unusableValue('--x', 'a\n\u001b[2J', '').message).toBe('--x cannot be "a\\n\\u001b[2J"');
});

import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { messageForm, OUTPUT_OPTIONS } from '../../src/cli/output-options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

function form(words: string, isTerminal = false) {
  const { options } = parseOptions(OUTPUT_OPTIONS, words === '' ? [] : words.split(' '));
  return messageForm(options, new RecordedPlatform({ isTerminal }));
}

it.each([
  ['', { kind: 'payload', hasNewline: true }],
  ['-v', { kind: 'verbose' }],
  ['-N', { kind: 'payload', hasNewline: false }],
  ['--json --pretty', { kind: 'json', isPretty: true }],
  ['-0', { kind: 'null' }],
  ['-F %t', { kind: 'format' }],
  ['-F %t -v', { kind: 'format' }],
  ['--as hex --time', { as: 'hex', hasTime: true }],
])('is with "%s" %j', (words, expected) => {
  expect(form(words)).toMatchObject(expected);
});

it('spares a terminal control characters, unless they are asked for', () => {
  expect(form('', true).isTerminal).toBe(true);
  expect(form('--raw', true).isTerminal).toBe(false);
});

describe('usage', () => {
  it.each(['--json -F x', '--json -0', '-0 -F x', '--json -v', '--json -N', '-F %', '--as octal'])(
    'refuses %s',
    (words) => {
      expect(() => form(words)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );
});

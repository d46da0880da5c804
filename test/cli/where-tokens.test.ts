import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { whereError, whereTokens } from '../../src/cli/where-tokens.ts';

/** The parts of a condition, but for its end. */
function values(source: string) {
  return whereTokens(source)
    .slice(0, -1)
    .map(({ value }) => value);
}

it.each([
  ['.temp>=30', ['.', 'temp', '>=', 30]],
  ['. > -1.5e2', ['.', '>', -150]],
  ['.5 < 1', [0.5, '<', 1]],
  ['.a[0]."b c"', ['.', 'a', '[', 0, ']', '.', 'b c']],
  ['not(topic~"^ä\\\\d")', ['not', '(', 'topic', '~', '^ä\\d', ')']],
  ['.straße-1==2', ['.', 'straße-1', '==', 2]],
  ['"a\\"b" != "\\u00e4"', ['a"b', '!=', 'ä']],
  ['  ', []],
])('cuts %s', (source, parts) => {
  expect(values(source)).toEqual(parts);
});

it('knows where each part begins, and where the end is', () => {
  expect(whereTokens(' a  == "b"').map(({ at, kind }) => [kind, at])).toEqual([
    ['word', 1],
    ['sign', 4],
    ['text', 7],
    ['end', 10],
  ]);
});

it.each(['a = 1', 'a & b', '"open', '"\\x"', 'a == ?'])('refuses %s', (source) => {
  expect(() => whereTokens(source)).toThrow(CallerError);
});

it('shows a condition on one line, with a caret below what is wrong', () => {
  const { message, why } = whereError('.a\n> ?', 5, 'this means nothing here');
  expect(message).toBe('--where, column 6: this means nothing here');
  // Behind "  why: ", which is how it is printed.
  expect(`  why: ${why}`.split('\n')).toEqual(['  why: .a > ?', '            ^']);
});

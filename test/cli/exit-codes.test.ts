import { expect, it } from 'vitest';
import { CallerError, type CallerErrorKind } from '../../src/base/caller-error.ts';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';

const CODES: [CallerErrorKind, number][] = [
  ['environment', 1],
  ['usage', 2],
  ['connect', 3],
  ['lost', 4],
  ['file', 6],
  ['timeout', 27],
];

it.each(CODES)('ends with its own code for an error of kind %s: %i', (kind, code) => {
  expect(exitCodeOf(new CallerError(kind, 'x'))).toBe(code);
});

it('ends with the reason code for a refusal', () => {
  expect(exitCodeOf(new CallerError('refused', 'x', { reasonCode: 0x87 }))).toBe(135);
});

it('ends with 1 for a bug of ours', () => {
  expect(exitCodeOf(new TypeError('x'))).toBe(1);
});

import { expect, it } from 'vitest';
import { type Load, nextLoad } from '../../src/broker/load.ts';

it.each([
  ['light', 200, 'light'],
  ['light', 201, 'heavy'],
  ['light', 1_001, 'tooHeavy'],
  ['heavy', 101, 'heavy'],
  ['heavy', 100, 'light'],
  ['heavy', 1_000, 'heavy'],
  ['heavy', 1_001, 'tooHeavy'],
  ['tooHeavy', 501, 'tooHeavy'],
  ['tooHeavy', 500, 'heavy'],
  ['tooHeavy', 100, 'light'],
] as [Load, number, Load][])('goes from %s by a lag of %i ms to %s', (load, lagMs, next) => {
  expect(nextLoad(load, lagMs)).toBe(next);
});

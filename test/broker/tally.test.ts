import { expect, it } from 'vitest';
import { Tally } from '../../src/broker/tally.ts';

it('tells of the first at once, and of the others in ten seconds, with how many there were', () => {
  const tally = new Tally();
  const told = [1_000, 1_001, 10_999, 11_000, 11_001, 21_000].map((nowMs) => tally.add(nowMs));
  expect(told).toEqual([1, 0, 0, 3, 0, 2]);
});

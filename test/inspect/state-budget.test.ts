import { expect, it } from 'vitest';
import { StateBudget } from '../../src/inspect/state-budget.ts';

it('gives room until there is none, and takes it back', () => {
  const budget = new StateBudget(1000);
  expect(budget.take(300)).toBe(true);
  expect(budget.hasOverflowed).toBe(false);
  expect(budget.take(10)).toBe(false);
  expect(budget.hasOverflowed).toBe(true);
  budget.give(300);
  expect(budget.take(10)).toBe(true);
});

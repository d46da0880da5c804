import { expect, it } from 'vitest';
import { StateBudget } from '../../src/inspect/state-budget.ts';
import { TopicAliases } from '../../src/inspect/topic-aliases.ts';

it('keeps the last topic of an alias, and gives its room back', () => {
  const budget = new StateBudget(1000);
  const aliases = new TopicAliases(budget);
  for (let i = 0; i < 10; i += 1) aliases.set(3, `topic ${i}`);
  expect(aliases.find(3)).toBe('topic 9');
  expect(budget.hasOverflowed).toBe(false);
  aliases.clear();
  expect(aliases.find(3)).toBeUndefined();
  expect(budget.take(400)).toBe(true);
});

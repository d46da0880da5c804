import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deadlines } from '../../src/base/deadlines.ts';

function waiter(name: string, log: string[]): { onDeadline(nowMs: number): void } {
  return { onDeadline: (nowMs) => log.push(`${name}@${nowMs}`) };
}

it('serves those who are due, soonest first, and keeps the others', () => {
  const log: string[] = [];
  const deadlines = new Deadlines();
  deadlines.set(waiter('b', log), 20);
  deadlines.set(waiter('a', log), 10);
  deadlines.set(waiter('c', log), 31);
  deadlines.advance(30);
  expect(log).toEqual(['a@30', 'b@30']);
  expect(deadlines.nextMs()).toBe(31);
});

it('moves and removes a deadline', () => {
  const log: string[] = [];
  const deadlines = new Deadlines();
  const [a, b] = [waiter('a', log), waiter('b', log)];
  deadlines.set(a, 10);
  deadlines.set(b, 20);
  deadlines.set(a, 30);
  expect(deadlines.nextMs()).toBe(20);
  deadlines.set(b, undefined);
  expect(deadlines.nextMs()).toBe(30);
  deadlines.set(a, Number.POSITIVE_INFINITY);
  expect(deadlines.size).toBe(0);
});

it('keeps moments that no timer of the machine could bear', () => {
  const deadlines = new Deadlines();
  const far = 2 ** 31 * 1000;
  deadlines.set(waiter('a', []), far);
  expect(deadlines.nextMs()).toBe(far);
});

it('agrees with a sorted list, whatever is set, moved and removed', () => {
  const step = fc.record({ who: fc.nat(9), at: fc.option(fc.nat(50), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(step), fc.nat(50), (steps, nowMs) => {
      const log: string[] = [];
      const deadlines = new Deadlines();
      const waiters = Array.from({ length: 10 }, (_, index) => waiter(String(index), log));
      const model = new Map<number, number>();
      for (const { who, at } of steps) {
        const chosen = waiters[who];
        if (chosen !== undefined) deadlines.set(chosen, at);
        if (at === undefined) model.delete(who);
        else model.set(who, at);
      }
      expect(deadlines.nextMs()).toBe(model.size > 0 ? Math.min(...model.values()) : undefined);
      deadlines.advance(nowMs);
      const due = [...model].filter(([, at]) => at <= nowMs).map(([who]) => `${who}@${nowMs}`);
      expect([...log].sort()).toEqual(due.sort());
      expect(deadlines.size).toBe(model.size - due.length);
    }),
  );
});

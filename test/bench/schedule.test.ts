import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Schedule } from '../../src/bench/schedule.ts';

it('has nothing due before its start, and the first message then', () => {
  const schedule = new Schedule(100, 10);
  expect(schedule.dueCount(99.999)).toBe(0);
  expect(schedule.dueCount(100)).toBe(1);
  expect(schedule.dueMs(0)).toBe(100);
});

it('spaces messages evenly', () => {
  const schedule = new Schedule(100, 10);
  expect([1, 2, 10].map((index) => schedule.dueMs(index))).toEqual([200, 300, 1100]);
  expect([199, 200, 1099, 1100].map((nowMs) => schedule.dueCount(nowMs))).toEqual([1, 2, 10, 11]);
});

it('counts a message from exactly the moment at which it is due', () => {
  const moments = fc.record({
    startMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    rate: fc.double({ min: 0.1, max: 1e7, noNaN: true }),
    index: fc.integer({ min: 0, max: 1e9 }),
  });
  fc.assert(
    fc.property(moments, ({ startMs, rate, index }) => {
      const schedule = new Schedule(startMs, rate);
      const dueMs = schedule.dueMs(index);
      // Only where the clock can tell one message from the next.
      fc.pre(schedule.dueMs(index + 1) - dueMs > dueMs * 2 ** -48);
      expect(schedule.dueCount(dueMs)).toBe(index + 1);
      const justBeforeMs = dueMs * (1 - 2 ** -53);
      if (index > 0 && justBeforeMs < dueMs) expect(schedule.dueCount(justBeforeMs)).toBe(index);
    }),
  );
});

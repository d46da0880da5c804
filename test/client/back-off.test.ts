import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { BackOff } from '../../src/client/back-off.ts';

it('waits twice as long each time, up to 30 s, of which chance takes up to half', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const backOff = new BackOff(new Random(seed));
      for (const fullMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
        const delayMs = backOff.nextMs();
        expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
        expect(delayMs).toBeLessThanOrEqual(fullMs);
      }
    }),
  );
});

it('does not wait the same for everybody', () => {
  const delays = Array.from({ length: 50 }, (_, seed) => new BackOff(new Random(seed)).nextMs());
  expect(new Set(delays).size).toBeGreaterThan(25);
});

it('counts the attempts, and begins anew after a reset', () => {
  const backOff = new BackOff({ below: (bound) => bound - 1 });
  expect([backOff.nextMs(), backOff.nextMs()]).toEqual([1000, 2000]);
  expect(backOff.attempts).toBe(2);
  backOff.reset();
  expect(backOff.attempts).toBe(0);
  expect(backOff.nextMs()).toBe(1000);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from '../../src/base/token-bucket.ts';

it('lets a burst through at once, and the rest at its rate', () => {
  const bucket = new TokenBucket(10, 20, 0);
  expect(bucket.take(20, 0)).toBe(0);
  expect(bucket.take(1, 0)).toBe(100);
  expect(bucket.take(0, 99)).toBe(1);
  expect(bucket.take(0, 100)).toBe(0);
  expect(bucket.take(1, 200)).toBe(0);
});

it('lets what is larger than it through, and has it paid for', () => {
  const bucket = new TokenBucket(10, 20, 0);
  expect(bucket.take(1_020, 0)).toBe(100_000);
  expect(bucket.take(0, 100_000)).toBe(0);
});

it('saves no more than it holds', () => {
  const bucket = new TokenBucket(10, 20, 0);
  expect(bucket.take(21, 1_000_000)).toBe(100);
});

it('passes no more than rate and burst allow, however it is asked', () => {
  const steps = fc.array(fc.tuple(fc.nat(50), fc.nat(500)), { minLength: 1 });
  fc.assert(
    fc.property(steps, (taken) => {
      const bucket = new TokenBucket(100, 200, 0);
      let nowMs = 0;
      let total = 0;
      for (const [count, pauseMs] of taken) {
        nowMs += pauseMs + bucket.take(count, nowMs);
        total += count;
        expect(total).toBeLessThanOrEqual(200 + 0.1 * nowMs + 1e-6);
      }
    }),
  );
});

import { expect, it } from 'vitest';
import { Latencies } from '../../src/inspect/latencies.ts';

it('knows the smallest, the middle and the largest', () => {
  const latencies = new Latencies();
  for (const ms of [5, 1, 9, 3]) latencies.add(ms);
  const { count, maxMs, medianMs, minMs } = latencies;
  expect([count, minMs, medianMs, maxMs]).toEqual([4, 1, 4, 9]);
  latencies.add(100);
  expect(latencies.medianMs).toBe(5);
});

it('comes near the middle of more than it holds', () => {
  const latencies = new Latencies();
  for (let i = 0; i < 50_000; i += 1) latencies.add((i * 7919) % 50_000);
  expect(latencies.count).toBe(50_000);
  expect(Math.abs(latencies.medianMs - 25_000)).toBeLessThan(1000);
});

import { expect, it } from 'vitest';
import { compareFigures } from '../../src/bench/compare-figures.ts';
import { settingsOf } from '../support/bench-results.ts';

const SETTINGS = settingsOf();

it.each([
  [100, 90, false],
  [100, 89.9, true],
  [100, 200, false],
])('takes a throughput of %d that becomes %d for worse: %s', (before, now, isRegression) => {
  const changes = compareFigures(
    { delivered_per_s: before },
    { delivered_per_s: now },
    SETTINGS,
    0.1,
  );
  expect(changes).toEqual([
    { figure: 'delivered_per_s', before, now, ratio: now / before, isRegression },
  ]);
});

it.each([
  [100, 110, false],
  [100, 111, true],
  [100, 50, false],
])('takes CPU time of %d that becomes %d for worse: %s', (before, now, isRegression) => {
  const name = 'broker_cpu_s_per_million';
  const [change] = compareFigures({ [name]: before }, { [name]: now }, SETTINGS, 0.1);
  expect(change?.isRegression).toBe(isRegression);
});

it('shows what it does not judge', () => {
  const [before, now] = [{ latency_p50_us: 1 }, { latency_p50_us: 9 }];
  const [full] = compareFigures(before, now, SETTINGS, 0.1);
  const [rated] = compareFigures(before, now, settingsOf({ rate: 5 }), 0.1);
  expect([full?.isRegression, rated?.isRegression]).toEqual([false, true]);
});

it('compares what both have, and what has a better and a worse', () => {
  const changes = compareFigures(
    { delivered: 1, delivered_per_s: 1, latency_p50_us: 1 },
    { delivered: 2, delivered_per_s: 1, broker_cpu: 1 },
    SETTINGS,
    0.1,
  );
  expect(changes.map(({ figure }) => figure)).toEqual(['delivered_per_s']);
});

it('has no ratio to nothing', () => {
  const [change] = compareFigures(
    { broker_bytes_per_connection: 0 },
    { broker_bytes_per_connection: 5 },
    settingsOf({ scenario: 'connections' }),
    0.1,
  );
  expect(change).toMatchObject({ ratio: undefined, isRegression: true });
});

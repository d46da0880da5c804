import { expect, it } from 'vitest';
import { renderComparison } from '../../src/bench/render-comparison.ts';

it('sets both runs side by side, and marks what is worse', () => {
  const lines = renderComparison(
    [
      { figure: 'delivered_per_s', before: 100_000, now: 80_000, ratio: 0.8, isRegression: true },
      { figure: 'latency_p50_us', before: 0, now: 7, ratio: undefined, isRegression: false },
    ],
    'before.json',
    0.025,
  );
  expect(lines).toEqual([
    'compared with before.json, tolerating 2.5 %',
    '                  before     now  ratio',
    'delivered_per_s  100,000  80,000   0.80  worse',
    'latency_p50_us         0       7      -',
  ]);
});

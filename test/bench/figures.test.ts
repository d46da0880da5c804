import { expect, it } from 'vitest';
import { FIGURES, type FigureName, figureRow, quantileFigures } from '../../src/bench/figures.ts';
import { Histogram } from '../../src/bench/histogram.ts';

it('names the percentiles of a time, which all stand in the table', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100; value += 1) histogram.record(value);
  for (const name of ['latency', 'lateness', 'burst', 'connect'] as const) {
    const figures = quantileFigures(name, histogram);
    expect(figures).toEqual({
      [`${name}_p50_us`]: 50,
      [`${name}_p90_us`]: 90,
      [`${name}_p99_us`]: 99,
      [`${name}_p999_us`]: 100,
      [`${name}_max_us`]: 100,
    });
    expect(Object.keys(FIGURES)).toEqual(expect.arrayContaining(Object.keys(figures)));
  }
});

it('names none of a time that was not measured', () => {
  expect(quantileFigures('latency', new Histogram())).toEqual({});
});

it.each<[FigureName, 'fan-in' | 'connections', number | undefined, boolean]>([
  ['latency_p50_us', 'fan-in', undefined, false],
  ['latency_p50_us', 'fan-in', 1000, true],
  ['latency_max_us', 'fan-in', 1000, false],
  ['connect_p50_us', 'fan-in', undefined, false],
  ['connect_p50_us', 'connections', undefined, true],
])('judges %s in %s at a rate of %s: %s', (name, scenario, rate, isJudged) => {
  expect(figureRow(name).isJudged?.({ scenario, rate })).toBe(isJudged);
});

it('judges throughput always', () => {
  expect(figureRow('delivered_per_s')).toMatchObject({ better: 'more' });
  expect(figureRow('delivered_per_s').isJudged).toBeUndefined();
});

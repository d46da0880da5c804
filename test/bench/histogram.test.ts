import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HISTOGRAM_MAX, Histogram } from '../../src/bench/histogram.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Of every magnitude alike: most of what `fc.nat` gives has 31 bits. */
const magnitudes = fc
  .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: HISTOGRAM_MAX }))
  .map(([shift, value]) => value >>> shift);

it('gives quantiles that are never below the exact ones, and at most 1/128 above', () => {
  const shares = fc.constantFrom(0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1);
  fc.assert(
    fc.property(fc.array(magnitudes, { minLength: 1, maxLength: 300 }), shares, (values, share) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
      const given = histogramOf(values).quantile(share);
      expect(given).toBeGreaterThanOrEqual(exact);
      expect(given).toBeLessThanOrEqual(exact + exact / 128);
    }),
  );
});

it('counts, and keeps the largest value exactly', () => {
  fc.assert(
    fc.property(fc.array(magnitudes, { minLength: 1 }), (values) => {
      const histogram = histogramOf(values);
      expect(histogram.count).toBe(values.length);
      expect(histogram.max).toBe(Math.max(...values));
      expect(histogram.quantile(1)).toBe(histogram.max);
    }),
  );
});

it('gives small values exactly', () => {
  const histogram = histogramOf(Array.from({ length: 256 }, (_, value) => value));
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => histogram.quantile(share))).toEqual([
    0, 63, 127, 191, 255,
  ]);
});

it('gives 0 while it is empty', () => {
  expect([new Histogram().quantile(0.5), new Histogram().max]).toEqual([0, 0]);
});

it('takes the ends of its range', () => {
  expect(histogramOf([HISTOGRAM_MAX]).quantile(0.5)).toBe(HISTOGRAM_MAX);
  expect(histogramOf([0, HISTOGRAM_MAX]).quantile(0.5)).toBe(0);
});

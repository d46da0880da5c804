import { expect, it } from 'vitest';
import { clockTimeMs } from '../../src/inspect/clock-time.ts';

it.each([
  ['12:34:56.789', 45_296_789],
  ['1:02:03', 3_723_000],
  ['12:34:56,5', 45_296_500],
  ['00:00:00.000001', 0.001],
  ['12.5', 12_500],
  ['2023-11-14T22:13:20.250Z', 1_700_000_000_250],
  ['2023-11-14 22:13:20', 1_700_000_000_000],
  ['2023-11-15T00:13:20+02:00', 1_700_000_000_000],
  ['2023-11-14T17:13:20-0500', 1_700_000_000_000],
])('reads the time %s as %d ms', (text, ms) => {
  expect(clockTimeMs(text)).toBe(ms);
});

it.each(['', '12:34', 'noon', '12', '2023-11-14', '1:2:3'])('takes %j for no time', (text) => {
  expect(clockTimeMs(text)).toBeUndefined();
});

it('counts days as the calendar does', () => {
  for (const year of [1970, 1999, 2000, 2023, 2024, 2100]) {
    for (let month = 1; month <= 12; month += 1) {
      const text = `${year}-${String(month).padStart(2, '0')}-28T00:00:00Z`;
      expect(clockTimeMs(text)).toBe(Date.parse(text));
    }
  }
  expect(clockTimeMs('2024-02-29T00:00:00Z')).toBe(Date.parse('2024-02-29T00:00:00Z'));
  expect(clockTimeMs('2024-03-01T00:00:00Z')).toBe(Date.parse('2024-03-01T00:00:00Z'));
});

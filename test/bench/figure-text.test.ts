import { expect, it } from 'vitest';
import { numberText, percentText, sizeText, timeText } from '../../src/bench/figure-text.ts';

it.each([
  [0, '0'],
  [7, '7'],
  [0.126, '0.13'],
  [99.5, '99.50'],
  [123.4, '123'],
  [1_234_567.8, '1,234,568'],
])('writes the number %d as %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

it.each([
  [0, '0 us'],
  [999, '999 us'],
  [1000, '1 ms'],
  [1254, '1.25 ms'],
  [125_400, '125 ms'],
  [999_999, '1000 ms'],
  [2_400_000, '2.4 s'],
])('writes the time %d as %s', (us, text) => {
  expect(timeText(us)).toBe(text);
});

it.each([
  [774, '774 B'],
  [102_399, '102,399 B'],
  [89_443_533, '85.3 MiB'],
])('writes the size %d as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it('writes a share as a percentage', () => {
  expect([0, 0.974, 1.2].map(percentText)).toEqual(['0 %', '97 %', '120 %']);
});

import { expect, it } from 'vitest';
import { renderDuration } from '../../src/cli/render-duration.ts';

it.each([
  [0, '0ms'],
  [999, '999ms'],
  [1_000, '1s'],
  [1_500, '1.5s'],
  [59_000, '59s'],
  [60_000, '1m'],
  [192_345, '3m 12s'],
  [3_600_000, '1h'],
  [3_659_000, '1h'],
  [7_500_000, '2h 5m'],
  [86_400_000 * 40 + 3_600_000, '40d 1h'],
])('says %i ms as %s', (ms, text) => {
  expect(renderDuration(ms)).toBe(text);
});

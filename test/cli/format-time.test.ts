import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isTimePart, localTime, localTimeUs, timePart } from '../../src/cli/format-time.ts';

const PARTS = [...'aAbBcCdDeFgGhHIjklmMnNpPrRsStTuUVwWxXyYzZ'].filter((part) => part !== 'N');
const MOMENTS = [
  '2026-11-22T08:47:38Z',
  '2024-12-31T23:59:59Z',
  '2027-01-01T00:00:00Z',
  '2021-01-03T12:00:00Z',
  '2020-02-29T13:05:09Z',
];

it.each(MOMENTS)('agrees with the system about %s', (moment) => {
  const wallUs = Date.parse(moment) * 1000;
  const form = PARTS.map((part) => `%${part}`).join('|');
  const { stdout } = spawnSync('date', ['-d', moment, `+${form}`], {
    env: { ...process.env, LC_ALL: 'C' },
    encoding: 'utf8',
  });
  const ours = PARTS.map((part) => timePart(part, wallUs)).join('|');
  expect(ours).toBe(stdout.replace(/\n$/, ''));
});

it('knows its parts', () => {
  expect(PARTS.every(isTimePart)).toBe(true);
  expect([isTimePart('Q'), isTimePart('constructor'), isTimePart('')]).toEqual([
    false,
    false,
    false,
  ]);
});

it('writes a moment whole, and to the microsecond', () => {
  const wallUs = Date.parse('2026-11-22T11:51:07.257Z') * 1000 + 989;
  expect(localTime(wallUs)).toMatch(/^2026-11-2\dT\d\d:\d\d:07[+-]\d{4}$/);
  expect(localTimeUs(wallUs)).toMatch(/^2026-11-2\dT\d\d:\d\d:07\.257989[+-]\d{4}$/);
});

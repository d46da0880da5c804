import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from '../../src/inspect/iso-time.ts';

it('writes a moment to the microsecond', () => {
  expect(isoTime(1_795_348_267_242.125)).toBe('2026-11-22T11:51:07.242125Z');
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000000Z');
});

it('agrees with Date on every day', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString().replace('Z', '000Z'));
    }),
  );
});

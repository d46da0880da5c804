import { expect, it } from 'vitest';
import { msBetween } from '../../src/inspect/packet-links.ts';

it('knows the time between two packets that have one', () => {
  expect(msBetween(5, 8)).toBe(3);
  expect(msBetween(8, 5)).toBe(0);
  expect(msBetween(undefined, 5)).toBeUndefined();
  expect(msBetween(5, undefined)).toBeUndefined();
});

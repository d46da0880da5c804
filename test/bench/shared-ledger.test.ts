import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SharedLedger } from '../../src/bench/shared-ledger.ts';
import { countsOf } from '../support/ledger-world.ts';

it('takes each message once, from any of the subscribers', () => {
  const ledger = new SharedLedger(2, 1);
  expect(ledger.take(0, 0, 0)).toBe(true);
  expect(ledger.take(1, 0, 1)).toBe(true);
  expect(ledger.take(1, 0, 0)).toBe(false);
  expect(countsOf(ledger)).toEqual({ unique: 2, settled: 2, duplicates: 1 });
});

it('demands order of each subscriber by itself', () => {
  const ledger = new SharedLedger(2, 1);
  for (const [subscriber, sequence] of [
    [0, 1],
    [0, 3],
    [1, 0],
    [1, 2],
  ] as const) {
    ledger.take(subscriber, 0, sequence);
  }
  expect(ledger.disorderedCount).toBe(0);
  ledger.take(1, 0, 5);
  ledger.take(1, 0, 4);
  expect(countsOf(ledger)).toEqual({ unique: 6, settled: 6, disordered: 1 });
});

it('agrees with a set of what has come, whatever comes', () => {
  const takes = fc.array(fc.tuple(fc.nat(2), fc.nat(1), fc.nat(40)), { maxLength: 80 });
  fc.assert(
    fc.property(takes, (all) => {
      const ledger = new SharedLedger(3, 2);
      const seen = new Set<string>();
      for (const [subscriber, publisher, sequence] of all) {
        const key = `${publisher} ${sequence}`;
        expect(ledger.take(subscriber, publisher, sequence)).toBe(!seen.has(key));
        seen.add(key);
      }
      expect(ledger.uniqueCount).toBe(seen.size);
    }),
  );
});

it('remembers the last 131,072 messages of a publisher, and takes older ones for repeated', () => {
  const ledger = new SharedLedger(1, 1);
  ledger.take(0, 0, 131_072);
  expect(ledger.take(0, 0, 1)).toBe(true);
  expect(ledger.take(0, 0, 0)).toBe(false);
  ledger.take(0, 0, 131_073 + 131_072);
  expect(ledger.take(0, 0, 131_074)).toBe(true);
  expect(ledger.take(0, 0, 131_074)).toBe(false);
});

it('forgets what drops out of its window, though only one message takes it there', () => {
  const ledger = new SharedLedger(1, 1);
  ledger.take(0, 0, 2);
  ledger.take(0, 0, 131_080);
  expect(ledger.take(0, 0, 131_074)).toBe(true);
});

it('counts what nobody has published', () => {
  const ledger = new SharedLedger(1, 1);
  expect(ledger.take(0, 1, 0)).toBe(false);
  expect(countsOf(ledger)).toEqual({ stray: 1 });
});

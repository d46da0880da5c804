import { expect, it } from 'vitest';
import { BurstLedger } from '../../src/bench/burst-ledger.ts';
import { countsOf } from '../support/ledger-world.ts';

it('takes each message once for each subscriber, in any order', () => {
  const ledger = new BurstLedger(2, 40);
  for (const subscriber of [0, 1]) {
    for (let sequence = 39; sequence >= 0; sequence -= 1) {
      expect(ledger.take(subscriber, 0, sequence)).toBe(true);
    }
  }
  expect(ledger.take(1, 0, 33)).toBe(false);
  expect(countsOf(ledger)).toEqual({ unique: 80, settled: 80, duplicates: 1 });
});

it('takes all of them again once it is restarted', () => {
  const ledger = new BurstLedger(1, 2);
  ledger.take(0, 0, 1);
  ledger.restart();
  expect(ledger.take(0, 0, 1)).toBe(true);
  expect(countsOf(ledger)).toEqual({ unique: 2, settled: 2 });
});

it('counts what is none of them', () => {
  const ledger = new BurstLedger(1, 2);
  expect([ledger.take(0, 0, 2), ledger.take(0, 1, 0)]).toEqual([false, false]);
  expect(countsOf(ledger)).toEqual({ stray: 2 });
});

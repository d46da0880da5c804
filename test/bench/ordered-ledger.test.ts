import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OrderedLedger } from '../../src/bench/ordered-ledger.ts';
import { countsOf } from '../support/ledger-world.ts';

function take(sequences: readonly number[]): OrderedLedger {
  const ledger = new OrderedLedger(1, 1, false);
  for (const sequence of sequences) ledger.take(0, 0, sequence);
  return ledger;
}

it.each<[string, number[], Readonly<Record<string, number>>]>([
  ['what comes in order', [0, 1, 2], { unique: 3, settled: 3 }],
  ['what comes twice', [0, 1, 1, 0, 2], { unique: 3, duplicates: 2, settled: 3 }],
  ['a gap as settled', [0, 3], { unique: 2, settled: 4 }],
  ['what fills a gap as late', [0, 3, 1, 2], { unique: 4, disordered: 2, settled: 4 }],
  [
    'what fills a gap twice',
    [4, 2, 2, 0, 0],
    { unique: 3, disordered: 2, duplicates: 2, settled: 5 },
  ],
])('counts %s', (_, sequences, counts) => {
  expect(countsOf(take(sequences))).toEqual(counts);
});

it('agrees with a set of what has come, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (sequences) => {
      const ledger = new OrderedLedger(1, 1, false);
      const seen = new Set<number>();
      let disordered = 0;
      for (const sequence of sequences) {
        const isFirst = !seen.has(sequence);
        if (isFirst && sequence < Math.max(-1, ...seen)) disordered += 1;
        expect(ledger.take(0, 0, sequence)).toBe(isFirst);
        seen.add(sequence);
      }
      expect(ledger).toMatchObject({
        uniqueCount: seen.size,
        duplicateCount: sequences.length - seen.size,
        disorderedCount: disordered,
        settledCount: Math.max(-1, ...seen) + 1,
      });
    }),
  );
});

it('keeps each publisher apart for each subscriber', () => {
  const ledger = new OrderedLedger(2, 3, false);
  for (const subscriber of [0, 1]) {
    for (const publisher of [0, 1, 2]) {
      expect(ledger.take(subscriber, publisher, 0)).toBe(true);
      expect(ledger.take(subscriber, publisher, 1)).toBe(true);
    }
  }
  expect(countsOf(ledger)).toEqual({ unique: 12, settled: 12 });
});

it('counts what nobody has published, or not for this subscriber', () => {
  const all = new OrderedLedger(2, 2, false);
  expect(all.take(0, 2, 0)).toBe(false);
  const pairs = new OrderedLedger(2, 2, true);
  expect(pairs.take(1, 1, 0)).toBe(true);
  expect(pairs.take(1, 0, 0)).toBe(false);
  pairs.onStray();
  expect([all.strayCount, pairs.strayCount]).toEqual([1, 2]);
});

it('goes on where the sequence starts over at 2^32', () => {
  const ledger = take([2 ** 31 - 1, 2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
  expect(ledger).toMatchObject({ uniqueCount: 5, duplicateCount: 0, disorderedCount: 0 });
  ledger.take(0, 0, 3);
  expect(ledger.take(0, 0, 2)).toBe(true);
  expect(ledger.disorderedCount).toBe(1);
});

it('forgets the oldest of ten thousand gaps', () => {
  const ledger = take(Array.from({ length: 10_001 }, (_, index) => index * 2 + 1));
  expect(ledger.take(0, 0, 0)).toBe(false);
  expect(ledger.take(0, 0, 2)).toBe(true);
});

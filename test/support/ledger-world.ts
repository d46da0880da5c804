import type { DeliveryLedger } from '../../src/bench/delivery-ledger.ts';

/** The counts of a ledger as one object, without those that are 0. */
export function countsOf(ledger: DeliveryLedger): Readonly<Record<string, number>> {
  const { disorderedCount, duplicateCount, settledCount, strayCount, uniqueCount } = ledger;
  const all = {
    unique: uniqueCount,
    duplicates: duplicateCount,
    disordered: disorderedCount,
    stray: strayCount,
    settled: settledCount,
  };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}

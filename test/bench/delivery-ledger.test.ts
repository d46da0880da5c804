import { expect, it } from 'vitest';
import { DeliveryCounts } from '../../src/bench/delivery-ledger.ts';
import { countsOf } from '../support/ledger-world.ts';

it('counts what is none of ours', () => {
  const counts = Object.assign(new DeliveryCounts(), { take: () => true });
  expect(countsOf(counts)).toEqual({});
  counts.onStray();
  counts.onStray();
  expect(countsOf(counts)).toEqual({ stray: 2 });
});

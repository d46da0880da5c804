import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryAccount } from '../../src/broker/memory-account.ts';

function accountOf(bytesMax: number): { account: MemoryAccount; told: number[] } {
  const told: number[] = [];
  return { account: new MemoryAccount(bytesMax, (shortage) => told.push(shortage)), told };
}

describe('shortage', () => {
  it('grows at 70, 85 and 95 percent', () => {
    const { account, told } = accountOf(1_000);
    for (const bytes of [699, 1, 149, 1, 99, 1, 10_000]) account.add(bytes);
    expect(told).toEqual([1, 2, 3]);
    expect([account.isShort, account.isExhausted]).toEqual([true, true]);
  });

  it('goes back five percent below where it came', () => {
    const { account, told } = accountOf(1_000);
    account.add(950);
    for (const bytes of [-50, -1, -99, -1, -149, -1]) account.add(bytes);
    expect(told).toEqual([3, 2, 1, 0]);
    expect([account.bytes, account.isShort, account.isExhausted]).toEqual([649, false, false]);
  });

  it('does not come and go with a few bytes', () => {
    const { account, told } = accountOf(1_000);
    for (let n = 0; n < 10; n += 1) {
      account.add(n === 0 ? 850 : 40);
      account.add(-40);
    }
    expect(told).toEqual([2]);
  });

  it('is what the bytes say, however they come and go', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_100)), (levels) => {
        const { account } = accountOf(1_000);
        let expected = 0;
        for (const level of levels) {
          account.add(level - account.bytes);
          const rises = [0, 700, 850, 950].findLastIndex((from) => level >= from);
          const stays = [-1, 650, 800, 900].findLastIndex((until) => level >= until);
          expected = Math.max(rises, Math.min(expected, stays));
          expect(account.shortage).toBe(expected);
        }
      }),
    );
  });
});

it('counts what is kept in several places once', () => {
  const { account } = accountOf(1_000);
  const kept = { bytes: 100, holders: 0 };
  account.hold(kept);
  account.hold(kept);
  const { bytes } = account;
  account.letGo(kept);
  expect(account.bytes).toBe(bytes);
  expect(bytes).toBeGreaterThanOrEqual(100);
  account.letGo(kept);
  expect(account.bytes).toBe(0);
  expect(() => account.letGo(kept)).toThrow();
});

it('knows what would be enough', () => {
  const { account } = accountOf(1_000);
  expect([account.isExhaustedBy(899), account.isExhaustedBy(900)]).toEqual([false, true]);
});

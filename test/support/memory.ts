import { MemoryAccount } from '../../src/broker/memory-account.ts';

/** An account that is never short. */
export function plentyOfMemory(): MemoryAccount {
  return new MemoryAccount(Number.MAX_SAFE_INTEGER, () => {});
}

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { BufferPool, POOLED_BYTES } from '../../src/broker/buffer-pool.ts';
import { SharedSlab } from '../../src/broker/shared-slab.ts';

const SOURCE = Buffer.from('0123456789');

it('puts bytes one behind the other', () => {
  const shared = new SharedSlab(new BufferPool(0));
  expect([shared.put(SOURCE, 0, 4), shared.put(SOURCE, 6, 10)]).toEqual([0, 4]);
  expect(shared.slab.bytes.toString('latin1', 0, 8)).toBe('01236789');
});

it('starts over after a turn, unless somebody still holds what it has', () => {
  const shared = new SharedSlab(new BufferPool(0));
  shared.put(SOURCE, 0, 4);
  shared.onTurnEnd();
  expect(shared.put(SOURCE, 0, 4)).toBe(0);
  shared.slab.holders += 1;
  shared.onTurnEnd();
  expect(shared.put(SOURCE, 0, 4)).toBe(4);
});

it('goes on in another buffer, and leaves the full one to those who hold it', () => {
  const pool = new BufferPool(1_000_000);
  const shared = new SharedSlab(pool);
  const first = shared.slab;
  first.holders += 1;
  shared.reserve(POOLED_BYTES - 5);
  expect(shared.put(SOURCE, 0, 10)).toBe(0);
  expect(shared.slab).not.toBe(first);
  expect([first.holders, pool.freeBytes]).toEqual([1, 0]);
  pool.release(first);
  expect(pool.freeBytes).toBe(POOLED_BYTES);
});

it('takes a larger buffer for what fits into no other', () => {
  const shared = new SharedSlab(new BufferPool(0));
  expect(shared.reserve(100_000)).toBe(0);
  expect(shared.slab.bytes).toHaveLength(131_072);
});

it('starts over nowhere that somebody who is gone may still read', () => {
  const pool = new BufferPool(1_000_000);
  const shared = new SharedSlab(pool);
  shared.put(Buffer.from('abc'), 0, 3);
  shared.slab.holders += 1;
  pool.abandon(shared.slab);
  shared.onTurnEnd();
  expect(shared.put(Buffer.from('x'), 0, 1)).toBe(3);
});

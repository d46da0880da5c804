import { expect, it } from 'vitest';
import { BufferPool, POOLED_BYTES } from '../../src/broker/buffer-pool.ts';

const MIB = 1_048_576;

it('lends a buffer again that has come back', () => {
  const pool = new BufferPool(MIB);
  const slab = pool.take();
  expect(slab.bytes).toHaveLength(POOLED_BYTES);
  pool.release(slab);
  expect(pool.freeBytes).toBe(POOLED_BYTES);
  expect(pool.take()).toBe(slab);
  expect(pool.freeBytes).toBe(0);
});

it('waits for the last who holds a buffer', () => {
  const pool = new BufferPool(MIB);
  const slab = pool.take();
  slab.holders += 1;
  pool.release(slab);
  expect(pool.freeBytes).toBe(0);
  pool.release(slab);
  expect(pool.freeBytes).toBe(POOLED_BYTES);
  expect(() => pool.release(slab)).toThrow('only who holds a buffer');
});

it('has larger buffers by size, each twice the one before', () => {
  const pool = new BufferPool(4 * MIB);
  const sizes = [1, POOLED_BYTES, POOLED_BYTES + 1, 200_000, MIB];
  const slabs = sizes.map((bytes) => pool.take(bytes));
  expect(slabs.map(({ bytes }) => bytes.length / POOLED_BYTES)).toEqual([1, 1, 2, 4, 16]);
  const [, , third] = slabs;
  for (const slab of slabs) pool.release(slab);
  expect(pool.take(100_000)).toBe(third);
});

it('keeps nothing above the largest size', () => {
  const pool = new BufferPool(4 * MIB);
  const slab = pool.take(MIB + 1);
  expect(slab.bytes).toHaveLength(MIB + 1);
  pool.release(slab);
  expect(pool.freeBytes).toBe(0);
});

it('keeps no more free bytes than it was told', () => {
  const pool = new BufferPool(POOLED_BYTES);
  const [first, second] = [pool.take(), pool.take()];
  pool.release(first);
  pool.release(second);
  expect(pool.freeBytes).toBe(POOLED_BYTES);
  expect(pool.take()).toBe(first);
});

it('has it written down what is lent, and never lends again what may still be read', () => {
  let bytes = 0;
  const pool = new BufferPool(MIB, {
    add: (more) => {
      bytes += more;
    },
  });
  const [slab, other] = [pool.take(), pool.take(100_000)];
  expect(bytes).toBe(POOLED_BYTES * 3);
  slab.holders += 1;
  pool.abandon(slab);
  expect(bytes).toBe(POOLED_BYTES * 3);
  pool.release(slab);
  expect([bytes, pool.freeBytes]).toEqual([POOLED_BYTES * 2, 0]);
  pool.release(other);
  expect([bytes, pool.freeBytes]).toEqual([0, POOLED_BYTES * 2]);
});

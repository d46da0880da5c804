import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { BufferPool, POOLED_BYTES } from '../../src/broker/buffer-pool.ts';

it('lends a buffer again that has come back', () => {
  const pool = new BufferPool(2);
  const buffer = pool.take();
  expect(buffer).toHaveLength(POOLED_BYTES);
  pool.give(buffer);
  expect(pool.take()).toBe(buffer);
  expect(pool.freeCount).toBe(0);
});

it('keeps no more free buffers than it was told', () => {
  const pool = new BufferPool(1);
  const [first, second] = [pool.take(), pool.take()];
  pool.give(first);
  pool.give(second);
  expect(pool.freeCount).toBe(1);
});

it('takes back nothing but what it lends', () => {
  expect(() => new BufferPool(1).give(Buffer.alloc(10))).toThrow('only pooled buffers');
});

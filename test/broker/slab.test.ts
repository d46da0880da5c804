import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slab } from '../../src/broker/slab.ts';
import { countingBytes } from '../support/counting-bytes.ts';

it('copies what it is given, and nothing beside it', () => {
  const source = Buffer.from(countingBytes(200));
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.nat(200), (start, length, at) => {
      const slab = new Slab(Buffer.alloc(400, 0xff));
      expect(slab.put(at, source, start, start + length)).toBe(at + length);
      const wanted = Buffer.alloc(400, 0xff);
      wanted.set(source.subarray(start, start + length), at);
      expect(slab.bytes.equals(wanted)).toBe(true);
    }),
  );
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ByteChannel } from '../../src/base/byte-channel.ts';
import { BufferPool, POOLED_BYTES } from '../../src/broker/buffer-pool.ts';
import { OutgoingBuffer } from '../../src/broker/outgoing-buffer.ts';

/** Takes what is written at once, or keeps it until it is told. */
class Sink implements ByteChannel {
  readonly hasPeerEnded = false;
  readonly peer = 'sink';
  readonly unsentBytes = 0;
  isTaking = true;
  readonly held: Buffer[] = [];
  taken = Buffer.alloc(0);
  listen(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
  write(bytes: Buffer): boolean {
    if (this.isTaking) this.taken = Buffer.concat([this.taken, bytes]);
    else this.held.push(bytes);
    return this.isTaking;
  }
}

it('sends what was added, in order, whatever its sizes and when it is flushed', () => {
  const piece = fc.tuple(
    fc.oneof(fc.nat(300), fc.integer({ min: 60_000, max: 70_000 })),
    fc.nat(255),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new BufferPool(4))];
      const wanted: Buffer[] = [];
      for (const [length, fill, isFlushed] of pieces) {
        const bytes = Buffer.alloc(length, fill);
        wanted.push(bytes);
        outgoing.append(bytes);
        if (isFlushed) outgoing.flush(sink);
      }
      outgoing.flush(sink);
      expect(outgoing.length).toBe(0);
      expect(sink.taken.equals(Buffer.concat(wanted))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('takes no buffer from the pool for an ack, and gives back what it took', () => {
  const pool = new BufferPool(4);
  pool.give(pool.take());
  const [sink, outgoing] = [new Sink(), new OutgoingBuffer(pool)];
  outgoing.append(Buffer.alloc(4));
  expect(pool.freeCount).toBe(1);
  outgoing.append(Buffer.alloc(1_000));
  expect([pool.freeCount, outgoing.length]).toEqual([0, 1_004]);
  expect(outgoing.flush(sink)).toBe(true);
  expect(pool.freeCount).toBe(1);
});

it('leaves a buffer alone while the channel reads it', () => {
  const pool = new BufferPool(4);
  const [sink, outgoing] = [new Sink(), new OutgoingBuffer(pool)];
  sink.isTaking = false;
  outgoing.append(Buffer.alloc(1_000, 1));
  expect(outgoing.flush(sink)).toBe(false);
  expect(pool.freeCount).toBe(0);
  outgoing.append(Buffer.alloc(1_000, 2));
  outgoing.flush(sink);
  expect(sink.held.map((bytes) => bytes[999])).toEqual([1, 2]);
  outgoing.onDrained();
  expect(pool.freeCount).toBe(2);
});

it('gives the pool nothing that is not its own', () => {
  const pool = new BufferPool(4);
  const [sink, outgoing] = [new Sink(), new OutgoingBuffer(pool)];
  outgoing.append(Buffer.alloc(POOLED_BYTES + 1));
  outgoing.append(Buffer.alloc(10));
  outgoing.flush(sink);
  expect(pool.freeCount).toBe(0);
  expect(sink.taken).toHaveLength(POOLED_BYTES + 11);
});

it('forgets what waits for a connection that is gone', () => {
  const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new BufferPool(4))];
  outgoing.append(Buffer.alloc(100_000));
  outgoing.append(Buffer.alloc(10));
  outgoing.discard();
  expect([outgoing.length, outgoing.flush(sink), sink.taken.length]).toEqual([0, true, 0]);
});

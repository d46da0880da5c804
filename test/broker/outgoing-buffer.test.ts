import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteChannel } from '../../src/base/byte-channel.ts';
import { BufferPool, POOLED_BYTES } from '../../src/broker/buffer-pool.ts';
import { OutgoingBuffer } from '../../src/broker/outgoing-buffer.ts';
import { OutputMemory } from '../../src/broker/output-memory.ts';

/** Takes what is written at once, or keeps it until it is told. */
class Sink implements ByteChannel {
  readonly hasPeerEnded = false;
  readonly peer = 'sink';
  readonly unsentBytes = 0;
  isTaking = true;
  held: Buffer[] = [];
  readonly #taken: Buffer[] = [];
  writeCount = 0;
  listen(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
  write(bytes: Buffer): boolean {
    this.writeCount += 1;
    if (this.isTaking) this.#taken.push(Buffer.from(bytes));
    else this.held.push(bytes);
    return this.isTaking;
  }
  /** Takes what it was given before: only now does it look at the bytes. */
  takeHeld(): void {
    for (const bytes of this.held) this.#taken.push(Buffer.from(bytes));
    this.held = [];
    this.isTaking = true;
  }
  get taken(): Buffer {
    return Buffer.concat(this.#taken);
  }
}

function memory(): OutputMemory {
  return new OutputMemory(new BufferPool(16_777_216));
}

/** Some outputs over one memory, and what each must have been sent. */
class Outputs {
  readonly memory = memory();
  readonly #all = [0, 1, 2].map(() => ({
    sink: new Sink(),
    buffer: new OutgoingBuffer(this.memory),
    wanted: [] as Buffer[],
  }));

  append(to: number, bytes: Buffer): void {
    const output = this.#all[to];
    output?.buffer.append(Buffer.concat([Buffer.from('##'), bytes]), 2, 2 + bytes.length);
    output?.wanted.push(bytes);
  }

  share(to: readonly number[], bytes: Buffer): void {
    const { shared } = this.memory;
    const at = shared.put(bytes, 0, bytes.length);
    for (const index of to) {
      this.#all[index]?.buffer.share(shared.slab, at, at + bytes.length);
      this.#all[index]?.wanted.push(bytes);
    }
  }

  endTurn(frozen: readonly number[]): void {
    for (const [index, { buffer, sink }] of this.#all.entries()) {
      if (frozen.includes(index)) sink.isTaking = false;
      else {
        sink.takeHeld();
        buffer.onDrained();
      }
      const isAny = buffer.length > 0;
      expect(buffer.flush(sink)).toBe(!isAny || sink.isTaking);
      expect(buffer.length).toBe(0);
    }
    this.memory.onTurnEnd();
  }

  check(): void {
    this.endTurn([]);
    for (const { sink, wanted } of this.#all) {
      expect(sink.taken.equals(Buffer.concat(wanted))).toBe(true);
    }
  }
}

const outputs = fc.subarray([0, 1, 2], { minLength: 1 });
const lengths = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 20_000, max: 40_000 }),
  fc.integer({ min: 60_000, max: 140_000 }),
);
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('append' as const), to: outputs, length: lengths }),
    fc.record({ kind: fc.constant('share' as const), to: outputs, length: lengths }),
    fc.record({
      kind: fc.constant('turn' as const),
      to: fc.subarray([0, 1, 2]),
      length: fc.nat(0),
    }),
  ),
  { maxLength: 30 },
);

it('sends what was added, in order, whatever is shared, how large, and when it leaves', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const all = new Outputs();
      for (const [index, { kind, to, length }] of list.entries()) {
        const bytes = Buffer.alloc(length, index + 1);
        if (kind === 'turn') all.endTurn(to);
        else if (kind === 'share') all.share(to, bytes);
        else all.append(to[0] ?? 0, bytes);
      }
      all.check();
    }),
    { numRuns: 200 },
  );
});

describe('memory', () => {
  it('takes no buffer from the pool for an ack, and gives back what it took', () => {
    const { pool } = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new OutputMemory(pool))];
    pool.release(pool.take());
    outgoing.append(Buffer.alloc(4), 0, 4);
    expect(pool.freeBytes).toBe(POOLED_BYTES);
    outgoing.append(Buffer.alloc(1_000), 0, 1_000);
    expect([pool.freeBytes, outgoing.length]).toEqual([0, 1_004]);
    expect(outgoing.flush(sink)).toBe(true);
    expect(pool.freeBytes).toBe(POOLED_BYTES);
  });

  it('leaves a buffer alone while the channel reads it', () => {
    const { pool } = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new OutputMemory(pool))];
    sink.isTaking = false;
    outgoing.append(Buffer.alloc(1_000, 1), 0, 1_000);
    expect(outgoing.flush(sink)).toBe(false);
    expect(pool.freeBytes).toBe(0);
    outgoing.append(Buffer.alloc(1_000, 2), 0, 1_000);
    outgoing.flush(sink);
    expect(sink.held.map((bytes) => bytes[999])).toEqual([1, 2]);
    outgoing.onDrained();
    expect(pool.freeBytes).toBe(2 * POOLED_BYTES);
  });

  it('leaves a buffer alone that the channel reads, also where it drops what is next', () => {
    const { pool } = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new OutputMemory(pool))];
    sink.isTaking = false;
    outgoing.append(Buffer.alloc(1_000, 1), 0, 1_000);
    outgoing.flush(sink);
    sink.isTaking = true; // The peer has ended its side: nothing more is written.
    outgoing.append(Buffer.alloc(1_000, 2), 0, 1_000);
    expect(outgoing.flush(sink)).toBe(false);
    expect(pool.freeBytes).toBe(POOLED_BYTES);
    outgoing.append(Buffer.alloc(1_000, 3), 0, 1_000);
    expect(sink.held[0]?.[999]).toBe(1);
    outgoing.flush(sink);
    outgoing.onDrained();
    expect(pool.freeBytes).toBe(2 * POOLED_BYTES);
  });

  it('writes once for all of a turn, whether shared or not, as far as a buffer goes', () => {
    const shared = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(shared)];
    const bytes = Buffer.alloc(1_000, 1);
    for (let n = 0; n < 10; n += 1) {
      const at = shared.shared.put(bytes, 0, 1_000);
      outgoing.share(shared.shared.slab, at, at + 1_000);
    }
    outgoing.append(bytes, 0, 1_000);
    shared.shared.put(bytes, 0, 1_000);
    const at = shared.shared.put(bytes, 0, 1_000);
    outgoing.share(shared.shared.slab, at, at + 1_000);
    outgoing.flush(sink);
    expect([sink.writeCount, sink.taken.length]).toEqual([1, 12_000]);
  });

  it('copies nothing that is shared and the first of its turn', () => {
    const shared = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(shared)];
    sink.isTaking = false;
    const at = shared.shared.put(Buffer.alloc(1_000), 0, 1_000);
    outgoing.share(shared.shared.slab, at, at + 1_000);
    outgoing.flush(sink);
    expect(sink.held[0]?.buffer).toBe(shared.shared.slab.bytes.buffer);
  });

  it('forgets what waits for a connection that is gone', () => {
    const { pool } = memory();
    const [sink, outgoing] = [new Sink(), new OutgoingBuffer(new OutputMemory(pool))];
    outgoing.append(Buffer.alloc(100_000), 0, 100_000);
    outgoing.append(Buffer.alloc(10), 0, 10);
    outgoing.discard();
    expect([outgoing.length, outgoing.flush(sink), sink.taken.length]).toEqual([0, true, 0]);
    expect(pool.freeBytes).toBe(131_072);
  });
});

it('keeps its first bytes where the rest is cut off', () => {
  for (const length of [0, 100, 300, 40_000]) {
    const shared = memory();
    const buffer = new OutgoingBuffer(shared);
    const sink = new Sink();
    const all = Buffer.alloc(100_000, 7);
    for (const end of [100, 300, 40_000, 100_000]) buffer.append(all, buffer.length, end);
    buffer.cut(length);
    expect(buffer.length).toBe(length);
    buffer.append(Buffer.from('!'), 0, 1);
    buffer.flush(sink);
    expect(sink.taken.equals(Buffer.concat([all.subarray(0, length), Buffer.from('!')]))).toBe(
      true,
    );
  }
});

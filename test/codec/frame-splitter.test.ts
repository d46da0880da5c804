import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter, type FrameTarget } from '../../src/codec/frame-splitter.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { countingBytes } from '../support/counting-bytes.ts';
import { hex } from '../support/hex.ts';
import { refusalOf } from '../support/test-vectors.ts';

/** Notes what it is told, in order; `onEvent` may stop the splitter. */
class RecordedTarget implements FrameTarget {
  readonly events: string[] = [];
  readonly frames: Buffer[] = [];
  onEvent: (event: string) => void = () => {};

  onHeader(firstByte: number, packetBytes: number): void {
    this.#note(`header ${firstByte.toString(16)} ${packetBytes}`);
  }

  onFrame(frame: Buffer): void {
    this.frames.push(Buffer.from(frame));
    this.#note(`frame ${frame.length}`);
  }

  #note(event: string): void {
    this.events.push(event);
    this.onEvent(event);
  }
}

function splitter(): { target: RecordedTarget; splitter: FrameSplitter } {
  const target = new RecordedTarget();
  return { target, splitter: new FrameSplitter(target) };
}

/** A packet of any first byte, with a length in its shortest form or a longer one. */
const frame = fc
  .tuple(fc.nat(255), fc.oneof(fc.nat(200), fc.constantFrom(16_384)), fc.nat(3))
  .map(([first, length, extra]) => {
    const digits = [length & 0x7f, (length >> 7) & 0x7f, (length >> 14) & 0x7f, 0];
    const count = Math.max(1 + extra, digits.findLastIndex((digit) => digit > 0) + 1);
    const varint = digits.slice(0, count).map((digit, at) => digit | (at < count - 1 ? 0x80 : 0));
    return Buffer.concat([Buffer.from([first, ...varint]), countingBytes(length)]);
  });

describe('however the stream is cut', () => {
  it('gives the same packets, each after its header', () => {
    const cuts = fc.infiniteStream(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), cuts, (sent, lengths) => {
        const { splitter: cutter, target } = splitter();
        for (let rest = Buffer.concat(sent); rest.length > 0; ) {
          const cut = lengths.next().value;
          cutter.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(Buffer.concat(target.frames).equals(Buffer.concat(sent))).toBe(true);
        expect(target.events).toEqual(
          sent.flatMap((bytes) => [
            `header ${bytes[0]?.toString(16)} ${bytes.length}`,
            `frame ${bytes.length}`,
          ]),
        );
        expect(cutter.heldBytes).toBe(0);
      }),
    );
  });

  it('ends any bytes in packets, or in the refusal of a length [MQTT-1.5.5-1]', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const whole = outcomeOf([Buffer.from(bytes)]);
        const single = outcomeOf([...bytes].map((byte) => Buffer.from([byte])));
        expect(single).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});

function outcomeOf(chunks: Buffer[]): unknown {
  const { splitter: cutter, target } = splitter();
  try {
    for (const chunk of chunks) cutter.push(chunk);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { events: target.events, rule: error.rule, held: 0 };
  }
  return { events: target.events, rule: undefined, held: cutter.heldBytes };
}

describe('a header', () => {
  it('is told once, when its last byte arrives and before the body', () => {
    const { splitter: cutter, target } = splitter();
    for (const chunk of [hex`30`, hex`85`, hex`80 01`]) cutter.push(chunk);
    expect(target.events).toEqual(['header 30 16393']);
    for (const chunk of [hex`00`, hex`01 74`]) cutter.push(chunk);
    expect(target.events).toEqual(['header 30 16393']);
    expect(cutter.heldBytes).toBe(7);
  });

  it('is told before the body that came with it', () => {
    const { splitter: cutter, target } = splitter();
    cutter.push(hex`c0 00 30 03 00 01`);
    expect(target.events).toEqual(['header c0 2', 'frame 2', 'header 30 5']);
  });

  it('may refuse its packet before memory is spent on it [MQTT-3.2.2-15]', () => {
    const { splitter: cutter, target } = splitter();
    target.onEvent = () => {
      throw new Error('too large');
    };
    cutter.push(hex`30 ff ff ff`);
    expect(() => cutter.push(hex`7f`)).toThrow('too large');
    expect(cutter.heldBytes).toBe(5);
  });

  it('with a length of five bytes is refused at the fourth [MQTT-1.5.5-1]', () => {
    const { splitter: cutter } = splitter();
    cutter.push(hex`30 80 80 80`);
    expect(refusalOf(() => cutter.push(hex`80`))).toMatchObject({
      rule: 'length-too-long',
      reason: 'malformedPacket',
      clauses: ['MQTT-1.5.5-1'],
      offset: 1,
    });
  });

  it('is refused by the text of the version that the target knows', () => {
    const cutter = new FrameSplitter({ level: 4, onHeader() {}, onFrame() {} });
    const error = refusalOf(() => cutter.push(hex`30 80 80 80 80`));
    expect(error.clauses).toEqual(['311:section 2.2.3']);
  });
});

describe('stop', () => {
  it.each(['header c0 2', 'frame 2'])('at "%s" ends the chunk there', (event) => {
    const { splitter: cutter, target } = splitter();
    target.onEvent = (seen) => {
      if (seen === event) cutter.stop();
    };
    cutter.push(hex`30 01 00 c0 00 d0 00 30`);
    expect(target.events.at(-1)).toBe(event);
    expect(cutter.heldBytes).toBe(0);
    cutter.push(hex`e0 00`);
    expect(target.events.at(-1)).toBe(event);
  });

  it.each(['header 30 4', 'frame 4'])('at "%s" ends a packet that came in pieces', (event) => {
    const { splitter: cutter, target } = splitter();
    target.onEvent = (seen) => {
      if (seen === event) cutter.stop();
    };
    cutter.push(hex`30`);
    cutter.push(hex`02 00 00 c0 00`);
    expect(target.events.at(-1)).toBe(event);
    expect(cutter.heldBytes).toBe(0);
  });

  it('forgets the packet that has begun', () => {
    const { splitter: cutter, target } = splitter();
    cutter.push(hex`30 05 00`);
    cutter.stop();
    cutter.push(hex`00 00 00 00`);
    expect(cutter.heldBytes).toBe(0);
    expect(target.frames).toEqual([]);
  });
});

describe('a packet of 16 MiB', () => {
  const size = 16 * 1024 * 1024;
  const header = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x08]);

  it('costs memory by the bytes received, and copies by their number', () => {
    const allocations = countAllocations(() => {
      const { splitter: cutter, target } = splitter();
      cutter.push(header);
      const chunk = Buffer.alloc(1024);
      for (let sent = 0; sent < size; sent += chunk.length) {
        expect(target.frames).toEqual([]);
        cutter.push(chunk);
      }
      expect(target.events.at(-1)).toBe(`frame ${size + header.length}`);
      expect(cutter.heldBytes).toBe(0);
    });
    // Each is at most twice the one before: all together are at most twice the last.
    const copied = allocations.reduce((sum, length) => sum + length, 0);
    expect(Math.max(...allocations)).toBe(size + header.length);
    expect(copied).toBeLessThan(3 * size);
    expect(allocations.length).toBeLessThan(30);
  });

  it('that is only promised costs next to nothing', () => {
    const allocations = countAllocations(() => {
      const { splitter: cutter } = splitter();
      cutter.push(header);
      cutter.push(Buffer.alloc(300));
      expect(cutter.heldBytes).toBe(305);
    });
    expect(Math.max(...allocations)).toBeLessThan(1024);
  });
});

/** The sizes of all buffers that are made meanwhile. */
function countAllocations(run: () => void): number[] {
  const sizes: number[] = [];
  const { allocUnsafe } = Buffer;
  Buffer.allocUnsafe = (size) => {
    sizes.push(size);
    return allocUnsafe(size);
  };
  try {
    run();
  } finally {
    Buffer.allocUnsafe = allocUnsafe;
  }
  return sizes;
}

describe('a target that takes frames by itself', () => {
  /** Takes pings, as many as there are. */
  class PingTaker extends RecordedTarget {
    takeFrames(bytes: Buffer, start: number, end: number): number {
      let at = start;
      while (at + 2 <= end && bytes[at] === 0xc0 && bytes[at + 1] === 0) at += 2;
      if (at > start) this.events.push(`took ${at - start}`);
      return at;
    }
  }

  it('is given the others, in their places', () => {
    const target = new PingTaker();
    new FrameSplitter(target).push(hex`c0 00  c0 00  e0 01 07  c0 00`);
    expect(target.events).toEqual(['took 4', 'header e0 3', 'frame 3', 'took 2']);
  });

  it('takes those that came in pieces, too', () => {
    const target = new PingTaker();
    const cutter = new FrameSplitter(target);
    for (const byte of hex`c0 00 e0 01 07`) cutter.push(Buffer.from([byte]));
    const headers = ['header c0 2', 'took 2', 'header e0 3', 'frame 3'];
    expect(target.events).toEqual(headers);
    expect(cutter.heldBytes).toBe(0);
  });
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PublishStrip, type StripShape } from '../../src/bench/publish-strip.ts';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { readFrame } from '../support/read-frame.ts';

const PLAIN: StripShape = {
  level: 4,
  qos: 0,
  isRetained: false,
  topic: 'a/0',
  topicCount: 1,
  payloadBytes: 100,
  publisher: 0,
};

const shapes = fc.record<StripShape>({
  level: fc.constantFrom(3, 4, 5),
  qos: fc.constantFrom(0, 1, 2),
  isRetained: fc.boolean(),
  topic: fc.constantFrom('t', 'bench/7/', 'längs/'),
  topicCount: fc.constantFrom(1, 2, 10, 11, 1000, 100_000),
  payloadBytes: fc.constantFrom(0, 12, 13, 115, 200, 20_000),
  publisher: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

function packetAt(strip: PublishStrip, index: number, level: StripShape['level']): PublishPacket {
  const start = index * strip.frameBytes;
  const frame = strip.frames(index + 1).subarray(start, start + strip.frameBytes);
  return readFrame(Buffer.from(frame), level, 'client') as PublishPacket;
}

it('makes packets that the codec reads, each with what it was patched with', () => {
  const patches = fc.record({
    sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    stampUs: fc.double({ min: 0, max: 1e15, noNaN: true }),
    packetId: fc.integer({ min: 1, max: 65_535 }),
  });
  fc.assert(
    fc.property(shapes, fc.array(patches, { minLength: 1, maxLength: 3 }), (shape, all) => {
      const strip = new PublishStrip(shape, 65_536);
      const { isRetained, level, payloadBytes, qos, topic, topicCount } = shape;
      const shown = all.slice(0, strip.capacity);
      for (const [index, patch] of shown.entries()) {
        strip.patch(index, patch.sequence, patch.stampUs, patch.packetId);
      }
      for (const [index, { packetId, sequence, stampUs }] of shown.entries()) {
        const packet = packetAt(strip, index, level);
        const number = String(sequence % topicCount).padStart(String(topicCount - 1).length, '0');
        expect(packet).toMatchObject({
          topicName: topicCount === 1 ? topic : `${topic}${number}`,
          qos,
          isRetained,
          isDuplicate: false,
          packetId: qos === 0 ? undefined : packetId,
        });
        expect(packet.payload.length).toBe(payloadBytes);
        if (payloadBytes === 0) continue;
        expect([0, 4, 8].map((at) => packet.payload.readUInt32BE(at))).toEqual([
          shape.publisher,
          sequence,
          stampUs >>> 0,
        ]);
        expect(packet.payload.subarray(12)).toEqual(Buffer.alloc(payloadBytes - 12, 'x'));
      }
    }),
  );
});

it('has as many packets as fit, and one that does not', () => {
  const { frameBytes } = new PublishStrip(PLAIN, 1);
  expect(frameBytes).toBe(2 + 2 + 3 + 100);
  expect(new PublishStrip(PLAIN, frameBytes * 5 - 1).capacity).toBe(4);
  expect(new PublishStrip(PLAIN, frameBytes * 5).capacity).toBe(5);
  expect(new PublishStrip(PLAIN, 1).capacity).toBe(1);
});

it('hands out the first of its packets, without a copy', () => {
  const strip = new PublishStrip(PLAIN, 65_536);
  expect(strip.frames(3).length).toBe(3 * strip.frameBytes);
  expect(strip.frames(3).buffer).toBe(strip.frames(1).buffer);
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { retainedFrameBytes, writeRetainedFrame } from '../../src/broker/retained-frame.ts';
import { NO_PROPERTY_BYTES, propertySection } from '../../src/broker/route-target.ts';
import type { QoS } from '../../src/codec/packet.ts';
import { keepForMany, messageFrom } from '../../src/session/message.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';
import { writeFrame } from '../support/write-frame.ts';

const forms = fc.record({
  level: fc.constantFrom(4 as const, 5 as const),
  qos: fc.constantFrom<QoS>(0, 1, 2),
  identifiers: fc.option(fc.tuple(fc.integer({ min: 1, max: 268_435_455 })), { nil: undefined }),
});
const topics = fc.constantFrom('a', 'ä/b', 't'.repeat(300));
const lengths = fc.constantFrom(0, 1, 118, 119, 125, 16_370, 70_000);

it('is what the codec writes, at each level and QoS', () => {
  fc.assert(
    fc.property(forms, topics, lengths, ({ identifiers, level, qos }, topicName, length) => {
      const packetId = qos === 0 ? undefined : 0xabcd;
      const payload = Buffer.alloc(length, 7);
      const packet = publishPacket({ qos, packetId, topicName, payload, isRetained: true });
      const { wireBytes } = keepForMany(messageFrom(packet, topicName, 'p', 0));
      if (wireBytes === undefined) throw new Error('it is kept as it is sent');

      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's', level });
      client.frames.length = 0;
      const output = world.core.sessions.find('s')?.connection?.output;
      if (output === undefined) throw new Error('it is connected');
      const section = level === 5 ? propertySection(identifiers) : NO_PROPERTY_BYTES;
      writeRetainedFrame(output, wireBytes, { qos, section, packetId: packetId ?? 0 });
      world.settle();

      const hasIdentifiers = level === 5 && identifiers !== undefined;
      const properties = hasIdentifiers ? { subscriptionIdentifier: identifiers } : {};
      const wanted = writeFrame({ ...packet, properties }, level);
      expect(client.frames.map((frame) => frame.toString('hex'))).toEqual([wanted.toString('hex')]);
      expect(retainedFrameBytes(wireBytes, qos, section)).toBe(wanted.length);
    }),
    { numRuns: 300 },
  );
});

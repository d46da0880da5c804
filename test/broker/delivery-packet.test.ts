import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { deliveryPacket } from '../../src/broker/delivery-packet.ts';
import type { Delivery } from '../../src/broker/publication.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';
import { messageFrom } from '../../src/session/message.ts';
import { publishPacket } from '../support/packets.ts';

function delivery(over: Partial<Delivery>, properties: PropertiesOf<'publish'> = {}): Delivery {
  const packet = publishPacket({ payload: Buffer.from('x'), properties });
  const message = messageFrom(packet, 'a/b', 'p', 1_000);
  return { message, qos: 0, isRetained: false, subscriptionIdentifiers: undefined, ...over };
}

const AT_QOS_0 = { packetId: undefined, isDuplicate: false, nowMs: 1_000 };

it('says how it goes out, and as which attempt', () => {
  const attempt = { level: 5, packetId: 7, isDuplicate: true, nowMs: 1_000 } as const;
  expect(deliveryPacket(delivery({ qos: 2, isRetained: true }), attempt)).toEqual({
    type: 'publish',
    topicName: 'a/b',
    qos: 2,
    packetId: 7,
    isDuplicate: true,
    isRetained: true,
    properties: {},
    payload: Buffer.from('x'),
  });
});

it('leaves properties out before 5.0', () => {
  const given = delivery({ subscriptionIdentifiers: [1] }, { contentType: 'text' });
  expect(deliveryPacket(given, { ...AT_QOS_0, level: 4 }).properties).toEqual({});
});

it('adds identifiers, and what is left of the expiry [MQTT-3.3.4-3] [MQTT-3.3.2-6]', () => {
  const properties = { contentType: 'text', messageExpiryInterval: 60 };
  const given = delivery({ subscriptionIdentifiers: [1, 2] }, properties);
  const attempt = { ...AT_QOS_0, level: 5, nowMs: 11_000 } as const;
  expect(deliveryPacket(given, attempt).properties).toEqual({
    contentType: 'text',
    messageExpiryInterval: 50,
    subscriptionIdentifier: [1, 2],
  });
});

it('sets RETAIN before 5.0 for what was retained alone [311:3.3.1-8] [311:3.3.1-9]', () => {
  const live = delivery({ isRetained: true });
  const replayed = delivery({ isRetained: true, isReplay: true });
  const flags = [live, replayed].map((given) => deliveryPacket(given, { ...AT_QOS_0, level: 4 }));
  expect(flags.map(({ isRetained }) => isRetained)).toEqual([false, true]);
});

import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, subscribePacket } from '../support/broker-world.ts';
import { frame, KEPT, LEVELS, message, outcome, publish } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

function unsubscribe(packetId: number, ...topicFilters: string[]) {
  return { type: 'unsubscribe', packetId, properties: {}, topicFilters } as const;
}

describe.each(LEVELS)('UNSUBSCRIBE of level %i', (level) => {
  it(
    'is answered with its id, and codes in order where there are any [MQTT-3.10.4-4] ' +
      '[MQTT-3.10.4-5] [MQTT-3.10.4-6] [MQTT-3.11.3-1] [MQTT-3.11.3-2] [MQTT-2.2.1-6] ' +
      '[311:3.10.4-4] [311:3.10.4-5] [311:3.10.4-6] [311:2.3.1-7] [V31-52] [trap 79]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ level });
      client.send(subscribePacket([{ topicFilter: 'a' }, { topicFilter: 'b' }]));
      client.send(unsubscribe(77, 'a', 'none', 'b', 'a'));
      const reasonCodes = level === 5 ? [0, 0x11, 0, 0x11] : [];
      expect(client.last).toEqual({ type: 'unsuback', packetId: 77, properties: {}, reasonCodes });
      expect(world.core.router.subscriptionCount).toBe(0);
    },
  );

  it(
    'ends exactly the filter that it names [MQTT-3.10.4-1] [MQTT-3.10.4-2] ' +
      '[311:3.10.4-1] [311:3.10.4-2] [trap 79]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's', level });
      client.send(subscribePacket([{ topicFilter: 't' }, { topicFilter: 'a/b' }]));
      client.send(unsubscribe(2, '#', '+', 'T', 't/', 'a/b'));
      publish(world, message('x'), message('y', { topicName: 'a/b' }));
      expect(client.payloads).toEqual(['x']);
    },
  );

  it(
    'lets deliveries that have begun come to their end [MQTT-3.10.4-3] [311:3.10.4-3] ' +
      '[trap 79]',
    () => {
      const world = new BrokerWorld();
      const over = {
        clientId: 's',
        level,
        isCleanStart: false,
        properties: level === 5 ? KEPT : {},
      };
      const client = world.connect(over);
      client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
      publish(world, message('1', { qos: 2 }), message('2', { qos: 1, packetId: 2 }));
      client.send(unsubscribe(2, 't'), ackPacket('pubrec', 1));
      expect(client.last).toMatchObject({ type: 'pubrel', packetId: 1 });
      client.drop();
      publish(world, message('3', { qos: 2 }));
      const again = world.connect(over);
      expect(connackOf(again).reasonCode).toBe(0);
      expect(again.received.slice(1)).toMatchObject([
        { type: 'pubrel', packetId: 1 },
        { type: 'publish', packetId: 2 },
      ]);
    },
  );
});

it.each([
  ['no filter [MQTT-3.10.3-2] [311:3.10.3-2] [trap 78]', 0xa2, '', 0x82],
  ['an ill-formed filter [MQTT-3.10.3-1] [311:3.10.3-1]', 0xa2, '0001 ff', 0x81],
  ['an empty filter [MQTT-4.7.3-1]', 0xa2, '0000', 0x81],
  ['a filter cut short', 0xa2, '0005 61', 0x81],
  ['other flags [MQTT-3.10.1-1] [311:3.10.1-1]', 0xa0, '0001 61', 0x81],
])('refuses an UNSUBSCRIBE with %s', (_fault, firstByte, filters, code) => {
  const world = new BrokerWorld();
  const five = world.connect({ clientId: '5' });
  five.sendBytes(frame(firstByte, `0001 00 ${filters}`));
  expect(outcome(five)).toBe(`disconnect 0x${code.toString(16)}`);
  const four = world.connect({ clientId: '4', level: 4 });
  four.sendBytes(frame(firstByte, `0001 ${filters}`));
  expect(outcome(four)).toBe('closed');
});

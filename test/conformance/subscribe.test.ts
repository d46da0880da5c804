import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import {
  frame,
  LEVELS,
  message,
  outcome,
  publish,
  subscriberWith,
} from '../support/conformance.ts';

describe.each(LEVELS)('SUBSCRIBE of level %i', (level) => {
  it(
    'is answered with its id, and a code for each filter, in order [MQTT-3.8.4-1] ' +
      '[MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1] ' +
      '[MQTT-2.2.1-6] [311:3.8.4-1] [311:3.8.4-2] [311:3.8.4-4] [311:3.8.4-5] ' +
      '[311:3.9.3-1] [311:2.3.1-7]',
    () => {
      const client = new BrokerWorld().connect({ level });
      const filters = ([2, 0, 1] as const).map((qos) => ({ topicFilter: `t/${qos}`, qos }));
      client.send(subscribePacket(filters, { packetId: 4_711 }));
      expect(client.last).toMatchObject({
        type: 'suback',
        packetId: 4_711,
        reasonCodes: [2, 0, 1],
      });
    },
  );

  it(
    'does as several with a filter each would, in order [MQTT-3.8.4-5] [MQTT-3.8.4-6] ' +
      '[311:3.8.4-4] [311:3.8.4-5]',
    () => {
      const world = new BrokerWorld();
      publish(world, message('kept', { topicName: 'b', isRetained: true }));
      const client = world.connect({ clientId: 's', level });
      client.take();
      const filters = [
        { topicFilter: 't', qos: 0 },
        { topicFilter: 'b', qos: 1 },
        { topicFilter: 't', qos: 2 },
      ] as const;
      client.send(subscribePacket(filters));
      expect(client.received.map(({ type }) => type)).toEqual(['suback', 'publish']);
      expect(client.received[0]).toMatchObject({ reasonCodes: [0, 1, 2] });
      publish(world, message('x', { qos: 2 }));
      expect(client.messages.slice(1)).toMatchObject([{ qos: 2 }]);
      expect(world.core.router.subscriptionCount).toBe(2);
    },
  );

  it('delivers at the lower of both QoS [MQTT-3.8.4-8] [311:3.8.4-6]', () => {
    const world = new BrokerWorld();
    for (const granted of [0, 1, 2] as const) {
      const client = world.subscriber('t', granted, { level });
      publish(world, message('0'), message('1', { qos: 1 }), message('2', { qos: 2 }));
      const wanted = [0, 1, 2].map((qos) => Math.min(qos, granted));
      expect(client.messages.map(({ qos }) => qos)).toEqual(wanted);
    }
  });

  it(
    'replaces what there was for the same filter, and nothing is lost [MQTT-3.8.4-3] ' +
      '[311:3.8.4-3] [trap 77]',
    () => {
      const world = new BrokerWorld();
      const client = world.subscriber('t', 2, { level });
      publish(world, message('1', { qos: 1 }));
      client.send(subscribePacket([{ topicFilter: 't', qos: 0 }]));
      publish(world, message('2', { qos: 1 }));
      expect(client.payloads).toEqual(['1', '2']);
      expect(client.messages.map(({ qos }) => qos)).toEqual([1, 0]);
    },
  );

  it(
    'with several that match gives one copy, at the highest QoS [MQTT-3.3.4-2] ' +
      '[311:3.3.5-1] [V31-47] [trap 71]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's', level });
      const filters = (['#', 't', '+'] as const).map((topicFilter, n) => ({
        topicFilter,
        qos: ([0, 2, 1] as const)[n] ?? 0,
      }));
      client.send(subscribePacket(filters));
      publish(world, message('x', { qos: 2 }));
      expect(client.messages).toMatchObject([{ qos: 2 }]);
    },
  );
});

describe('Subscription Identifiers', () => {
  it('go out with what matches, and no others [MQTT-3.3.4-3] [MQTT-3.3.4-4] [trap 71]', () => {
    const world = new BrokerWorld();
    const client = world.connect({ clientId: 's' });
    for (const [n, topicFilter] of ['#', 't', 'other', '+'].entries()) {
      const properties = n === 3 ? {} : { subscriptionIdentifier: [n === 0 ? 268_435_455 : n] };
      client.send(subscribePacket([{ topicFilter }], { properties }));
    }
    subscriberWith(world, [{ topicFilter: 't' }], { subscriptionIdentifier: [99] });
    publish(world, message('x'));
    expect(client.messages).toHaveLength(1);
    const { subscriptionIdentifier } = client.messages[0]?.properties ?? {};
    expect([...(subscriptionIdentifier ?? [])].sort()).toEqual([1, 268_435_455]);
  });

  it('repeat where they are the same, and are replaced with the subscription [trap 77]', () => {
    const world = new BrokerWorld();
    const both = [{ topicFilter: '#' }, { topicFilter: 't' }];
    const client = subscriberWith(world, both, { subscriptionIdentifier: [5] });
    publish(world, message('1'));
    client.send(subscribePacket([{ topicFilter: 't' }]));
    publish(world, message('2'));
    const ids = client.messages.map(({ properties }) => properties.subscriptionIdentifier);
    expect(ids).toEqual([[5, 5], [5]]);
  });
});

describe('No Local', () => {
  it('keeps messages from the client that published them [MQTT-3.8.3-3] [trap 72]', () => {
    const world = new BrokerWorld();
    const client = subscriberWith(world, [{ topicFilter: 't', isNoLocal: true }]);
    client.send(message('own'));
    publish(world, message('other'));
    expect(client.payloads).toEqual(['other']);
  });

  it('leaves other subscriptions of the client alone [trap 72]', () => {
    const world = new BrokerWorld();
    const filters = [{ topicFilter: 't', isNoLocal: true, qos: 2 }, { topicFilter: '#' }] as const;
    const client = subscriberWith(world, filters);
    client.send(message('own', { qos: 1 }));
    expect(client.messages).toMatchObject([{ qos: 0 }]);
  });

  it('may not go with a shared subscription [MQTT-3.8.3-4] [trap 73]', () => {
    const world = new BrokerWorld();
    const client = world.connect();
    client.sendBytes(frame(0x82, '0001 00 0001 61 00 000a 247368617265 2f672f74 04'));
    expect(outcome(client)).toBe('disconnect 0x82');
    expect(world.core.router.subscriptionCount).toBe(0);
  });
});

it.each([
  ['SUBSCRIBE', 0x82, '0000 00 0001 61 00', '0000 0001 61 00'],
  ['UNSUBSCRIBE', 0xa2, '0000 00 0001 61', '0000 0001 61'],
])('refuses a %s with packet id 0 [MQTT-2.2.1-3] [311:2.3.1-1] [trap 36]', (_, first, ...body) => {
  const five = new BrokerWorld().connect();
  five.sendBytes(frame(first, body[0]));
  expect(outcome(five)).toBe('disconnect 0x82');
  const four = new BrokerWorld().connect({ level: 4 });
  four.sendBytes(frame(first, body[1]));
  expect(outcome(four)).toBe('closed');
});

it.each([
  ['no filter [MQTT-3.8.3-2] [311:3.8.3-3] [trap 78]', 0x82, '', 0x82],
  ['no options', 0x82, '0001 61', 0x81],
  ['a second filter without options', 0x82, '0001 61 00 0001 62', 0x81],
  ['QoS 3 [311:3.8.3-4] [trap 78]', 0x82, '0001 7a 00 0001 61 03', 0x82],
  ['reserved options [MQTT-3.8.3-5] [311:3.8.3-4] [trap 78]', 0x82, '0001 7a 00 0001 61 40', 0x81],
  ['an empty filter [MQTT-4.7.3-1] [311:4.7.3-1]', 0x82, '0000 00', 0x81],
  ['a filter that is no UTF-8 [MQTT-3.8.3-1] [311:3.8.3-1]', 0x82, '0001 ff 00', 0x81],
  ['U+0000 in it [MQTT-4.7.3-2] [311:4.7.3-2]', 0x82, '0001 00 00', 0x81],
  ['# within a level [MQTT-4.7.1-1] [311:4.7.1-2] [trap 80]', 0x82, '0002 6123 00', 0x81],
  ['# before the end [MQTT-4.7.1-1] [311:4.7.1-2]', 0x82, '0003 232f61 00', 0x81],
  ['+ within a level [MQTT-4.7.1-2] [311:4.7.1-3] [trap 80]', 0x82, '0002 612b 00', 0x81],
  ['other flags [MQTT-3.8.1-1] [MQTT-2.1.3-1] [311:3.8.1-1]', 0x80, '0001 61 00', 0x81],
])('refuses a SUBSCRIBE with %s, and does nothing of it', (_fault, firstByte, filters, code) => {
  const world = new BrokerWorld();
  const five = world.connect({ clientId: '5' });
  five.sendBytes(frame(firstByte, `0001 00 ${filters}`));
  expect(outcome(five)).toBe(`disconnect 0x${code.toString(16)}`);
  const four = world.connect({ clientId: '4', level: 4 });
  four.sendBytes(frame(firstByte, `0001 ${filters}`));
  expect(outcome(four)).toBe('closed');
  expect(world.core.router.subscriptionCount).toBe(0);
});

it.each([
  ['Retain Handling 3 [trap 78]', '0001 00 0001 61 30', 0x82],
  ['Subscription Identifier 0', '0001 02 0b00 0001 61 00', 0x82],
  ['Subscription Identifier twice', '0001 04 0b01 0b01 0001 61 00', 0x82],
])('refuses a SUBSCRIBE of 5.0 with %s', (_fault, body, code) => {
  const client = new BrokerWorld().connect();
  client.sendBytes(frame(0x82, body));
  expect(outcome(client)).toBe(`disconnect 0x${code.toString(16)}`);
});

it(
  'grants the other filters where it refuses one [trap 78] [MQTT-3.8.4-7] ' +
    '[MQTT-3.9.3-2] ' +
    '[311:3.9.3-2]',
  () => {
    const world = new BrokerWorld({ topicSlashesMax: 1 });
    for (const [level, refused] of [
      [5, 0x8f],
      [4, 0x80],
    ] as const) {
      const client = world.connect({ level, clientId: `v${level}` });
      client.send(
        subscribePacket([{ topicFilter: 'a' }, { topicFilter: 'a/b/c' }, { topicFilter: 't' }]),
      );
      expect(client.last).toMatchObject({ reasonCodes: [0, refused, 0] });
      publish(world, message('x'));
      expect(client.payloads).toEqual(['x']);
    }
  },
);

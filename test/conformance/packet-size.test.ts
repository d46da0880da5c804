import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { bytes, KEPT, message, outcome, publish, willOf } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

describe("the client's Maximum Packet Size", () => {
  function subscriber(world: BrokerWorld, maximumPacketSize: number): TestClient {
    const properties = { ...KEPT, maximumPacketSize, receiveMaximum: 1 };
    const client = world.connect({ clientId: 's', properties });
    client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
    return client;
  }

  it('is counted to the byte, header included [MQTT-3.1.2-24] [MQTT-3.1.2-25]', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 30);
    // Two bytes of header, three of topic, one of property length: 24 are left.
    publish(world, message('x'.repeat(24)), message('y'.repeat(25)));
    expect(client.payloads).toEqual(['x'.repeat(24)]);
    expect(outcome(client)).toBe('open');
  });

  it('counts what the broker adds, too [trap 51]', () => {
    const world = new BrokerWorld();
    const client = world.connect({ clientId: 's', properties: { maximumPacketSize: 30 } });
    const properties = { subscriptionIdentifier: [1] };
    client.send(subscribePacket([{ topicFilter: 't' }], { properties }));
    publish(world, message('x'.repeat(22)), message('y'.repeat(23)));
    expect(client.payloads).toEqual(['x'.repeat(22)]);
  });

  it('drops nothing for the sake of an alias, which it can do without [MQTT-3.1.2-25]', () => {
    const world = new BrokerWorld();
    const properties = { maximumPacketSize: 30, topicAliasMaximum: 1 };
    const client = world.connect({ clientId: 's', properties });
    client.send(subscribePacket([{ topicFilter: 't' }]));
    // As above, 24 bytes are left without an alias; it takes three, or two more than the topic.
    publish(world, message('x'.repeat(24)), message('y'), message('z'.repeat(24)));
    expect(client.payloads).toEqual(['x'.repeat(24), 'y', 'z'.repeat(24)]);
    expect(client.messages.map(({ topicName }) => topicName)).toEqual(['t', 't', 't']);
  });

  it('takes no id and no quota from what is dropped by it [MQTT-3.1.2-25] [trap 51]', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 30);
    const large = 'x'.repeat(100);
    publish(
      world,
      message(large, { qos: 1, packetId: 1 }),
      message(large, { qos: 2, packetId: 2 }),
      message('small', { qos: 1, packetId: 3 }),
      message(large, { qos: 1, packetId: 4 }),
      message('next', { qos: 2, packetId: 5 }),
    );
    expect(client.payloads).toEqual(['small']);
    client.send(ackPacket('puback', client.messages[0]?.packetId ?? 0));
    expect(client.payloads).toEqual(['small', 'next']);
    expect(world.core.counters.messagesDropped).toBe(3);
  });

  it('drops what was to be sent again, if it has become smaller', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 1_000);
    publish(world, message('x'.repeat(100), { qos: 1 }));
    expect(client.messages).toHaveLength(1);
    const properties = { ...KEPT, maximumPacketSize: 50 };
    const again = world.connect({ clientId: 's', isCleanStart: false, properties });
    expect(again.messages).toEqual([]);
    publish(world, message('y', { qos: 1 }));
    expect(again.payloads).toEqual(['y']);
  });
});

describe('our Maximum Packet Size', () => {
  it('is held to the byte, and by the header alone [MQTT-3.2.2-15] [trap 52]', () => {
    const world = new BrokerWorld({ packetBytesMax: 100 });
    const watcher = world.subscriber('will');
    const client = world.connect({ will: willOf() });
    client.send(message('x'.repeat(94)));
    expect(outcome(client)).toBe('open');
    client.sendBytes(bytes('30 63'));
    expect(client.last).toMatchObject({
      type: 'disconnect',
      reasonCode: 0x95,
      properties: { reasonString: 'a packet of 101 bytes, 100 is the most' },
    });
    expect(watcher.payloads).toEqual(['gone']);
    const four = world.connect({ clientId: '4', level: 4 });
    four.sendBytes(bytes('30 ffffff7f'));
    expect(outcome(four)).toBe('closed');
  });
});

it('spends no memory on what a length promises', () => {
  const world = new BrokerWorld({ packetBytesMax: 268_435_455 });
  const clients = Array.from({ length: 50 }, (_, n) => world.connect({ clientId: `c${n}` }));
  const before = process.memoryUsage().arrayBuffers;
  for (const client of clients) client.sendBytes(bytes('30 f0ffff7f 0001 74'));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

it.each([1, 2, 3, 7, 1_000])(
  'reads packets that are cut into chunks of %i bytes [trap 88]',
  (size) => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t');
    const client = world.connect({ clientId: 'p' });
    const texts = Array.from({ length: 20 }, (_, n) => 'x'.repeat(n * 20));
    const all = Buffer.concat(texts.map((text) => client.encode(message(text))));
    for (let at = 0; at < all.length; at += size) client.sendBytes(all.subarray(at, at + size));
    expect(watcher.payloads).toEqual(texts);
  },
);

it('waits for the rest of a packet, and takes its end for a loss [MQTT-3.1.2-8]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('#');
  const client = world.connect({ will: willOf() });
  client.sendBytes(bytes('3010 0001 74'));
  expect(outcome(client)).toBe('open');
  client.drop();
  expect(watcher.payloads).toEqual(['gone']);
});

it('takes a 3.x length in any form, and 5.0 in the shortest alone [MQTT-1.5.5-1] [trap 41]', () => {
  const world = new BrokerWorld();
  const five = world.connect({ clientId: '5' });
  five.sendBytes(bytes('c0 8000'));
  expect(outcome(five)).toBe('disconnect 0x81');
  const four = world.connect({ clientId: '4', level: 4 });
  four.sendBytes(bytes('c0 8000'));
  expect(outcome(four)).toBe('open');
  for (const client of [four, world.connect({ clientId: '5' })]) {
    client.sendBytes(bytes('30 ffffffff 01'));
    expect(client.isClosed).toBe(true);
  }
});

it('takes as many user properties as anybody needs', () => {
  const world = new BrokerWorld();
  const watcher = world.connect({ clientId: 's' });
  watcher.send(subscribePacket([{ topicFilter: 't' }]));
  const userProperty = Array.from({ length: 1_000 }, (_, n) => [`n${n}`, ''] as const);
  publish(world, message('x', { properties: { userProperty } }));
  expect(watcher.messages[0]?.properties).toEqual({ userProperty });
  const many = [...userProperty, ['one', 'more'] as const];
  const client = publish(world, message('y', { properties: { userProperty: many } }));
  expect(outcome(client)).toBe('disconnect 0x97');
});

describe('answers', () => {
  it(
    'carry no text that a client may have no room for [MQTT-3.4.2-2] [MQTT-3.4.2-3] ' +
      '[MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2] ' +
      '[MQTT-3.7.2-3] [MQTT-3.9.2-1] [MQTT-3.9.2-2] [MQTT-3.11.2-1] [MQTT-3.11.2-2] [trap 15]',
    () => {
      const world = new BrokerWorld({ topicSlashesMax: 0 });
      const client = world.connect({ clientId: 's', properties: { maximumPacketSize: 20 } });
      client.take();
      client.send(
        message('x', { qos: 1, topicName: 'a/b' }),
        message('x', { qos: 2, topicName: 'a/b' }),
        ackPacket('pubrel', 9),
        ackPacket('pubrec', 9),
        subscribePacket([{ topicFilter: 'a/b' }]),
        { type: 'unsubscribe', packetId: 1, properties: {}, topicFilters: ['x'] },
      );
      const types = ['puback', 'pubrec', 'pubcomp', 'pubrel', 'suback', 'unsuback'];
      expect(client.received.map(({ type }) => type)).toEqual(types);
      for (const packet of client.received) expect(packet).toHaveProperty('properties', {});
    },
  );
});

it('refuses acks that are larger than they need be', () => {
  const client = new BrokerWorld().connect();
  client.sendBytes(bytes('40 914e'));
  expect(outcome(client)).toBe('disconnect 0x97');
});

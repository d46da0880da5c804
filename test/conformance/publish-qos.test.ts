import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import {
  frame,
  KEPT,
  LEVELS,
  message,
  outcome,
  publish,
  subscriberWith,
} from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

function resume(world: BrokerWorld, clientId: string) {
  return world.connect({ clientId, isCleanStart: false, properties: KEPT });
}

describe.each(LEVELS)('a publisher of level %i', (level) => {
  it(
    'is answered by QoS, with its packet id [MQTT-3.3.4-1] [MQTT-2.2.1-5] ' +
      '[MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-11] [311:3.3.4-1] [311:2.3.1-6] ' +
      '[311:4.3.2-2] [311:4.3.3-2]',
    () => {
      const world = new BrokerWorld();
      world.subscriber('t', 2);
      const client = world.connect({ level });
      client.take();
      client.send(message('0'), message('1', { qos: 1, packetId: 65_535 }));
      client.send(message('2', { qos: 2, packetId: 7 }), ackPacket('pubrel', 7));
      expect(client.received).toEqual([
        ackPacket('puback', 65_535),
        ackPacket('pubrec', 7),
        ackPacket('pubcomp', 7),
      ]);
    },
  );

  it(
    'delivers a QoS 2 message once, however often it repeats it ' +
      '[MQTT-4.3.3-10] ' +
      '[311:4.3.3-2] [trap 56]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('t', 2);
      const client = world.connect({ level });
      client.take();
      for (const isDuplicate of [false, true, false]) {
        client.send(message('x', { qos: 2, isDuplicate }));
      }
      expect(watcher.payloads).toEqual(['x']);
      expect(client.received.map(({ type }) => type)).toEqual(['pubrec', 'pubrec', 'pubrec']);
    },
  );

  it(
    'begins a new message with an id that is free again [MQTT-4.3.3-12] [MQTT-4.3.2-5] ' +
      '[311:4.3.2-2] [311:4.3.3-2] [V31-36] [trap 56]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('t', 2);
      const client = world.connect({ level });
      client.send(message('1', { qos: 2 }), ackPacket('pubrel', 1));
      client.send(message('2', { qos: 2, isDuplicate: true }));
      client.send(message('3', { qos: 1, packetId: 2 }));
      client.send(message('4', { qos: 1, packetId: 2, isDuplicate: true }));
      expect(watcher.payloads).toEqual(['1', '2', '3', '4']);
    },
  );

  it('gets PUBCOMP for an unknown id, and stays [MQTT-4.3.3-11] [MQTT-3.7.2-1] [trap 57]', () => {
    const client = new BrokerWorld().connect({ level });
    client.send(ackPacket('pubrel', 9));
    const reasonCode = level === 5 ? 0x92 : 0;
    expect(client.last).toMatchObject({ type: 'pubcomp', packetId: 9, reasonCode });
    expect(outcome(client)).toBe('open');
  });
});

it('sends no PUBREL for a PUBREC that refuses, known or not [MQTT-4.3.3-4] [trap 54]', () => {
  const client = new BrokerWorld().connect();
  client.take();
  client.send(ackPacket('pubrec', 9, 0x80), ackPacket('pubrec', 9));
  expect(client.received).toMatchObject([{ type: 'pubrel', packetId: 9, reasonCode: 0x92 }]);
});

it('keeps the ids of QoS 2 for a session that goes on [MQTT-4.3.3-10] [trap 56]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('t', 2);
  world.connect({ clientId: 's', properties: KEPT }).send(message('x', { qos: 2 }));
  const again = resume(world, 's');
  again.take();
  again.send(message('x', { qos: 2, isDuplicate: true }), ackPacket('pubrel', 1));
  expect(again.received).toMatchObject([{ type: 'pubrec' }, { type: 'pubcomp', reasonCode: 0 }]);
  expect(watcher.payloads).toEqual(['x']);
});

it('takes an id anew that was refused [MQTT-4.3.3-9]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('t', 2);
  const client = world.connect();
  client.take();
  client.send(message('x', { qos: 2, topicName: '$SYS/x' }), message('y', { qos: 2 }));
  expect(client.received).toMatchObject([{ reasonCode: 0x87 }, { reasonCode: 0 }]);
  expect(watcher.payloads).toEqual(['y']);
});

it('says 0x10 where nobody subscribes, and goes on with QoS 2 [trap 55]', () => {
  const client = publish(new BrokerWorld(), message('1', { qos: 1 }), message('2', { qos: 2 }));
  client.send(ackPacket('pubrel', 1));
  expect(client.received).toEqual([
    ackPacket('puback', 1, 0x10),
    ackPacket('pubrec', 1, 0x10),
    ackPacket('pubcomp', 1),
  ]);
});

describe.each(LEVELS)('a subscriber of level %i', (level) => {
  it(
    'gets QoS 0 without DUP and packet id [MQTT-4.3.1-1] [MQTT-2.2.1-2] [311:4.3.1-1] ' +
      '[311:2.3.1-5]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('t', 2, { level });
      publish(world, message('x'));
      expect(watcher.messages).toMatchObject([{ qos: 0, isDuplicate: false, packetId: undefined }]);
    },
  );

  it(
    'gets QoS 1 and 2 under ids that are not in use, without DUP [MQTT-2.2.1-4] ' +
      '[MQTT-4.3.2-1] [MQTT-4.3.2-2] [MQTT-4.3.3-1] [MQTT-4.3.3-2] [MQTT-3.3.1-3] ' +
      '[311:2.3.1-4] [311:4.3.2-1] [311:4.3.3-1] [311:3.3.1-3] [trap 59]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('t', 2, { level });
      const client = publish(world);
      for (let n = 0; n < 20; n += 1) {
        client.send(message('x', { qos: n % 2 === 0 ? 1 : 2, packetId: n + 1, isDuplicate: true }));
      }
      const { messages } = watcher;
      expect(new Set(messages.map(({ packetId }) => packetId)).size).toBe(20);
      expect(messages.every(({ isDuplicate, packetId }) => !isDuplicate && packetId !== 0)).toBe(
        true,
      );
    },
  );

  it('completes QoS 2 with PUBREL [MQTT-4.3.3-4] [311:4.3.3-1]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t', 2, { level });
    publish(world, message('x', { qos: 2 }));
    watcher.take();
    watcher.send(ackPacket('pubrec', 1));
    expect(watcher.received).toEqual([ackPacket('pubrel', 1)]);
    watcher.send(ackPacket('pubcomp', 1));
    expect(world.core.sessions.find(`sub-t-2`)?.waitingCount).toBe(0);
  });

  it('may ack what is not known [MQTT-2.2.1-5] [trap 57]', () => {
    const watcher = new BrokerWorld().connect({ level });
    watcher.take();
    watcher.send(ackPacket('puback', 9), ackPacket('pubcomp', 9), ackPacket('pubrec', 9));
    const reasonCode = level === 5 ? 0x92 : 0;
    expect(watcher.received).toMatchObject([{ type: 'pubrel', packetId: 9, reasonCode }]);
    expect(outcome(watcher)).toBe('open');
  });

  it.each([
    ['PUBREC for QoS 1', 1, 'pubrec'],
    ['PUBCOMP for QoS 1', 1, 'pubcomp'],
    ['PUBACK for QoS 2', 2, 'puback'],
    ['PUBCOMP before PUBREC', 2, 'pubcomp'],
  ] as const)('may not send %s [MQTT-3.3.4-1] [311:3.3.4-1]', (_what, qos, type) => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t', 2, { level });
    publish(world, message('x', { qos }));
    watcher.send(ackPacket(type, 1));
    expect(outcome(watcher)).toBe(level === 5 ? 'disconnect 0x82' : 'closed');
  });
});

describe('a subscriber that refuses a message', () => {
  it('hears no more of it [MQTT-4.4.0-2] [MQTT-4.3.3-4] [MQTT-4.8.2-6] [trap 54]', () => {
    const world = new BrokerWorld();
    const watcher = world.connect({ clientId: 's', properties: KEPT });
    watcher.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
    publish(world, message('1', { qos: 1 }), message('2', { qos: 2 }));
    watcher.take();
    watcher.send(ackPacket('puback', 1, 0x97), ackPacket('pubrec', 2, 0x97));
    expect(watcher.received).toEqual([]);
    expect(resume(world, 's').messages).toEqual([]);
  });

  it('takes nothing from others [trap 54]', () => {
    const world = new BrokerWorld();
    const [watcher, other] = [world.subscriber('t', 2), world.subscriber('+', 2)];
    publish(world, message('1', { qos: 2 }));
    watcher.send(ackPacket('pubrec', 1, 0x80));
    other.send(ackPacket('pubrec', 1));
    expect(other.last).toEqual(ackPacket('pubrel', 1));
  });
});

describe.each(LEVELS)('order at level %i', (level) => {
  it(
    'is kept for one publisher, topic and QoS [MQTT-4.6.0-5] [MQTT-4.6.0-6] ' +
      '[311:4.6.0-5] [311:4.6.0-6] [trap 63]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('#', 2, { level });
      const texts = Array.from({ length: 600 }, (_, n) => String(n));
      const client = world.connect({ clientId: 'p', level });
      client.send(...texts.map((text, n) => message(text, { qos: 1, packetId: n + 1 })));
      // More than the broker sends without an ack: the rest waits.
      for (let at = 0; at < watcher.messages.length; at += 1) {
        watcher.send(ackPacket('puback', watcher.messages[at]?.packetId ?? 0));
      }
      expect(watcher.payloads).toEqual(texts);
    },
  );

  it(
    'of acks is that of the packets [MQTT-4.6.0-2] [MQTT-4.6.0-3] [311:4.6.0-2] ' + '[311:4.6.0-3]',
    () => {
      const ids = [5, 3, 9, 1];
      const client = new BrokerWorld().connect({ level });
      client.take();
      client.send(
        ...ids.map((packetId) => message('x', { qos: 1, packetId })),
        ...ids.map((packetId) => message('x', { qos: 2, packetId })),
      );
      const order = client.received.map((packet) => ('packetId' in packet ? packet.packetId : 0));
      expect(order).toEqual([...ids, ...ids]);
    },
  );
});

it('sends PUBRELs in the order of the PUBRECs [MQTT-4.6.0-4] [311:4.6.0-4] [311:4.6.0-6]', () => {
  for (const level of LEVELS) {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t', 2, { level });
    publish(world, ...[1, 2, 3].map((packetId) => message('x', { qos: 2, packetId })));
    watcher.take();
    const ids = [2, 3, 1];
    watcher.send(...ids.map((id) => ackPacket('pubrec', id)));
    expect(watcher.received).toEqual(ids.map((id) => ackPacket('pubrel', id)));
  }
});

it('lets an id name one packet at a time: 0x91 [MQTT-2.2.1-3] [trap 62]', () => {
  const client = publish(new BrokerWorld(), message('x', { qos: 2, packetId: 5 }));
  client.take();
  client.send(
    message('y', { qos: 1, packetId: 5 }),
    subscribePacket([{ topicFilter: 'a' }, { topicFilter: 'b' }], { packetId: 5 }),
    { type: 'unsubscribe', packetId: 5, properties: {}, topicFilters: ['a'] },
    ackPacket('pubrel', 5),
    subscribePacket([{ topicFilter: 'a' }], { packetId: 5 }),
  );
  expect(client.received).toMatchObject([
    { type: 'puback', reasonCode: 0x91 },
    { type: 'suback', reasonCodes: [0x91, 0x91] },
    { type: 'unsuback', reasonCodes: [0x91] },
    { type: 'pubcomp', reasonCode: 0 },
    { type: 'suback', reasonCodes: [0] },
  ]);
});

it('has number spaces of its own for each direction [trap 62]', () => {
  const world = new BrokerWorld();
  const client = subscriberWith(world, [{ topicFilter: 't', qos: 2 }]);
  client.take();
  client.send(message('x', { qos: 2, packetId: 1 }));
  expect(client.messages).toMatchObject([{ packetId: 1 }]);
  client.send(ackPacket('pubrec', 1), ackPacket('pubrel', 1));
  expect(client.received.slice(-2)).toEqual([ackPacket('pubrel', 1), ackPacket('pubcomp', 1)]);
});

it.each([
  ['both QoS bits [MQTT-3.3.1-4] [311:3.3.1-4] [trap 35]', 0x36, '0001 74 0001', 0x81],
  ['DUP with QoS 0 [MQTT-3.3.1-2] [311:3.3.1-2] [trap 35]', 0x38, '0001 74', 0x81],
  ['packet id 0 [MQTT-2.2.1-3] [311:2.3.1-1] [trap 36]', 0x32, '0001 74 0000', 0x82],
  ['a topic longer than the packet', 0x30, '00ff 74', 0x81],
  ['no topic [MQTT-4.7.3-1] [311:4.7.3-1] [trap 37]', 0x30, '0000', 0x82],
  ['no packet id', 0x32, '0001 74', 0x81],
  [
    '# in it [MQTT-3.3.2-2] [MQTT-4.7.0-1] [311:3.3.2-2] [311:4.7.1-1] [trap 38]',
    0x30,
    '0001 23',
    0x81,
  ],
  ['+ in it', 0x30, '0003 612f2b', 0x81],
  ['a topic that is no UTF-8 [MQTT-3.3.2-1] [311:3.3.2-1] [trap 39]', 0x30, '0001 ff', 0x81],
  ['U+0000 in its topic [MQTT-4.7.3-2] [311:4.7.3-2]', 0x30, '0001 00', 0x81],
])('refuses a PUBLISH with %s', (_fault, firstByte, body, code) => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('#');
  const five = world.connect({ clientId: '5' });
  five.sendBytes(frame(firstByte, `${body} 00`));
  expect(outcome(five)).toBe(`disconnect 0x${code.toString(16)}`);
  const four = world.connect({ clientId: '4', level: 4 });
  four.sendBytes(frame(firstByte, body));
  expect(outcome(four)).toBe('closed');
  expect(watcher.messages).toEqual([]);
});

it.each([
  ['a Subscription Identifier [MQTT-3.3.4-6] [trap 47]', '02 0b01', 0x82],
  ['a wildcard in its Response Topic [MQTT-3.3.2-14] [trap 38]', '04 08 0001 23', 0x82],
  ['a Response Topic that is no UTF-8 [MQTT-3.3.2-13]', '04 08 0001 ff', 0x81],
  ['a Content Type that is no UTF-8 [MQTT-3.3.2-19]', '04 03 0001 ff', 0x81],
  ['a User Property that is no UTF-8 [MQTT-1.5.7-1]', '06 26 0000 0001 ff', 0x81],
  ['Payload Format 2 [trap 84]', '02 0102', 0x82],
  ['no Property Length [MQTT-2.2.2-1]', '', 0x81],
])('refuses a PUBLISH of 5.0 with %s', (_fault, properties, code) => {
  const client = new BrokerWorld().connect();
  client.sendBytes(frame(0x30, `0001 74 ${properties}`));
  expect(outcome(client)).toBe(`disconnect 0x${code.toString(16)}`);
});

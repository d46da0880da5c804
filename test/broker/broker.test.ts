import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, subscribePacket } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

const LEVELS = [3, 4, 5] as const;

function message(text: string): { payload: Buffer; topicName: string } {
  return { topicName: 'a/b', payload: Buffer.from(text) };
}

describe.each(LEVELS)('a client of level %i', (level) => {
  it(
    'gets what others publish to its filter, at the lower QoS [MQTT-3.8.4-8] ' + '[311:3.8.4-6]',
    () => {
      const world = new BrokerWorld();
      const subscriber = world.subscriber('a/+', 1, { level });
      const publisher = world.connect({ clientId: 'p', level });
      publisher.send(publishPacket({ ...message('0') }));
      publisher.send(publishPacket({ ...message('1'), qos: 1, packetId: 1 }));
      publisher.send(publishPacket({ ...message('2'), qos: 2, packetId: 2 }));
      expect(subscriber.payloads).toEqual(['0', '1', '2']);
      expect(subscriber.messages.map(({ qos }) => qos)).toEqual([0, 1, 1]);
    },
  );

  it('is answered by the QoS of what it publishes [MQTT-3.3.4-1] [311:3.3.4-1]', () => {
    const world = new BrokerWorld();
    world.subscriber('#', 2);
    const publisher = world.connect({ clientId: 'p', level });
    publisher.received.length = 0;
    publisher.send(publishPacket(message('0')));
    expect(publisher.received).toEqual([]);
    publisher.send(publishPacket({ ...message('1'), qos: 1, packetId: 7 }));
    publisher.send(publishPacket({ ...message('2'), qos: 2, packetId: 8 }));
    publisher.send({ type: 'pubrel', packetId: 8, reasonCode: 0, properties: {} });
    expect(publisher.received).toMatchObject([
      { type: 'puback', packetId: 7, reasonCode: 0 },
      { type: 'pubrec', packetId: 8, reasonCode: 0 },
      { type: 'pubcomp', packetId: 8, reasonCode: 0 },
    ]);
  });
});

it("gives versions each other's messages, without what they cannot say", () => {
  const world = new BrokerWorld();
  const old = world.subscriber('#', 1, { level: 3 });
  const publisher = world.connect({ clientId: 'p' });
  const properties = { contentType: 'text/plain' };
  publisher.send(publishPacket({ ...message('x'), qos: 1, packetId: 1, properties }));
  expect(old.messages).toEqual([publishPacket({ ...message('x'), qos: 1, packetId: 1 })]);
});

it('sends all that one turn brings in one write', () => {
  const world = new BrokerWorld();
  const subscriber = world.subscriber('#');
  const before = subscriber.channel.writeCount;
  const publisher = world.connect({ clientId: 'p' });
  publisher.send(...Array.from({ length: 1000 }, (_, n) => publishPacket(message(String(n)))));
  expect(subscriber.messages).toHaveLength(1000);
  expect(subscriber.channel.writeCount - before).toBe(1);
});

it('says goodbye to all when it shuts down, and when all are gone', () => {
  const world = new BrokerWorld();
  const [five, four] = [
    world.connect({ clientId: 'a' }),
    world.connect({ clientId: 'b', level: 4 }),
  ];
  let isDone = false;
  world.broker.shutDown(() => {
    isDone = true;
  });
  world.settle();
  expect(five.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8b });
  expect(four.last?.type).toBe('connack');
  expect([five.isClosed, four.isClosed, isDone]).toEqual([true, true, true]);
});

it('keeps a session whose client is away, and its messages', () => {
  const world = new BrokerWorld();
  const properties = { sessionExpiryInterval: 100 };
  const first = world.connect({ clientId: 's', properties });
  first.send(subscribePacket([{ topicFilter: '#', qos: 1 }]));
  first.drop();
  const publisher = world.connect({ clientId: 'p' });
  publisher.send(publishPacket({ ...message('x'), qos: 1, packetId: 1 }));
  const second = world.connect({ clientId: 's', isCleanStart: false, properties });
  expect(connackOf(second).isSessionPresent).toBe(true);
  expect(second.payloads).toEqual(['x']);
  second.drop();
  const third = world.connect({ clientId: 's', isCleanStart: false, properties });
  expect(third.messages).toMatchObject([{ isDuplicate: true, packetId: 1 }]);
});

it('takes nobody any more once it shuts down, and tells all who ask', () => {
  const world = new BrokerWorld();
  const client = world.connect();
  client.channel.isLingering = true;
  const told: number[] = [];
  world.broker.shutDown(() => told.push(1));
  expect(world.open().isClosed).toBe(true);
  world.broker.shutDown(() => told.push(2));
  world.advance(1);
  expect(told).toEqual([]);
  world.advance(2);
  expect(told).toEqual([1, 2]);
});

it('publishes the wills of those whom it sends away, to those who are still there', () => {
  const world = new BrokerWorld();
  const payload = Buffer.from('gone');
  const will = { topicName: 'w', payload, qos: 0, isRetained: false, properties: {} } as const;
  world.connect({ clientId: 'a', will });
  const watcher = world.subscriber('w');
  world.broker.shutDown(() => {});
  world.settle();
  expect(watcher.received).toMatchObject([{ type: 'publish' }, { type: 'disconnect' }]);
});

import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { KEPT, message, publish, subscriberWith } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

function expiring(seconds: number, over = {}) {
  return message('x', { qos: 1, properties: { messageExpiryInterval: seconds }, ...over });
}

function expiryOf(client: TestClient): (number | undefined)[] {
  return client.messages.map(({ properties }) => properties.messageExpiryInterval);
}

function away(world: BrokerWorld, qos: 1 | 2 = 2): void {
  world.subscriber('t', qos, { clientId: 's', properties: KEPT }).drop();
}

function resume(world: BrokerWorld, over = {}): TestClient {
  return world.connect({ clientId: 's', isCleanStart: false, properties: KEPT, ...over });
}

it('counts down while a message waits [MQTT-3.3.2-6] [trap 70]', () => {
  const world = new BrokerWorld();
  away(world);
  publish(world, expiring(100), message('y', { qos: 1, packetId: 2 }));
  world.advance(40);
  expect(expiryOf(resume(world))).toEqual([60, undefined]);
});

it('deletes what has expired before it was sent, and goes on [MQTT-3.3.2-5] [trap 70]', () => {
  const world = new BrokerWorld();
  away(world);
  publish(world, expiring(10), expiring(20, { packetId: 2 }));
  world.advance(10);
  expect(expiryOf(resume(world))).toEqual([10]);
  expect(world.core.counters.messagesDropped).toBe(1);
});

it('counts down, and deletes, what is retained [MQTT-3.3.2-5] [MQTT-3.3.2-6] [trap 70]', () => {
  const world = new BrokerWorld();
  publish(world, expiring(100, { isRetained: true }));
  world.advance(40);
  expect(expiryOf(subscriberWith(world, [{ topicFilter: 't' }]))).toEqual([60]);
  world.advance(60);
  expect(subscriberWith(world, [{ topicFilter: 't' }]).messages).toEqual([]);
});

it('is what came for those who are there', () => {
  const world = new BrokerWorld();
  const client = subscriberWith(world, [{ topicFilter: 't', qos: 1 }]);
  publish(world, expiring(0xffff_ffff), expiring(1, { packetId: 2 }));
  expect(expiryOf(client)).toEqual([0xffff_ffff, 1]);
});

it('of 0 s is sent on as 0 to those who are there, and waits for nobody [MQTT-3.3.2-6]', () => {
  const world = new BrokerWorld({ queueMessagesMax: 1 });
  away(world);
  const here = subscriberWith(world, [{ topicFilter: 't', qos: 1 }]);
  publish(world, message('kept', { qos: 1, packetId: 1 }), expiring(0, { isRetained: true }));
  expect(expiryOf(here)).toEqual([undefined, 0]);
  expect(resume(world).payloads).toEqual(['kept']);
  const late = world.subscriber('t');
  expect(late.messages).toEqual([]);
});

it(
  'means nothing once a message was sent: it is sent again, and finished [MQTT-4.3.3-7] ' +
    '[MQTT-4.3.3-13] [trap 70]',
  () => {
    const world = new BrokerWorld();
    const client = world.connect({ clientId: 's', properties: KEPT });
    client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
    publish(world, expiring(10, { qos: 2 }));
    client.drop();
    world.advance(100);
    const again = resume(world);
    expect(again.messages).toMatchObject([{ isDuplicate: true, packetId: 1 }]);
    again.send(ackPacket('pubrec', 1));
    expect(again.last).toEqual(ackPacket('pubrel', 1));
  },
);

it('means nothing for the acks of what has come with it [MQTT-4.3.3-13]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('t', 2);
  const client = publish(world, expiring(10, { qos: 2 }));
  world.advance(100);
  client.send(expiring(10, { qos: 2, isDuplicate: true }), ackPacket('pubrel', 1));
  expect(client.received).toEqual([
    ackPacket('pubrec', 1),
    ackPacket('pubrec', 1),
    ackPacket('pubcomp', 1),
  ]);
  expect(watcher.messages).toHaveLength(1);
});

describe('a client before 5.0', () => {
  it('gets no message that has expired either', () => {
    const world = new BrokerWorld();
    away(world);
    publish(world, expiring(10));
    world.advance(11);
    expect(resume(world, { level: 4, properties: {} }).messages).toEqual([]);
  });
});

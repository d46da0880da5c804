import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const REQUEST = {
  topicFilter: 'ret/#',
  isNoLocal: false,
  isRetainAsPublished: false,
  retainHandling: 0,
} as const;

/** Messages with QoS 1 in one chunk, so that they are a run. */
function publish(publisher: TestClient, count: number, payloadBytes = 10): void {
  const packets = Array.from({ length: count }, (_, index) =>
    publishPacket({ qos: 1, packetId: index + 1, payload: Buffer.alloc(payloadBytes, index) }),
  );
  publisher.send(...packets);
}

function ids(client: TestClient): (number | undefined)[] {
  return client.messages.map(({ packetId }) => packetId);
}

describe('a run of messages', () => {
  it('goes as far as the window has room; the rest as acks come [MQTT-4.9.0-2]', () => {
    const world = new BrokerWorld({ inflightMax: 3 });
    const client = world.subscriber('a/b', 1);
    publish(world.connect({ clientId: 'p' }), 5);
    expect(ids(client)).toEqual([1, 2, 3]);
    client.send(ackPacket('puback', 1), ackPacket('puback', 2), ackPacket('puback', 3));
    expect(ids(client)).toEqual([1, 2, 3, 4, 5]);
    expect(client.messages.map(({ payload }) => payload[0])).toEqual([0, 1, 2, 3, 4]);
  });

  it('is not too large for a client as a whole: each message is weighed [MQTT-3.1.2-25]', () => {
    const world = new BrokerWorld();
    const properties = { maximumPacketSize: 60 };
    const client = world.subscriber('a/b', 1, { properties });
    const publisher = world.connect({ clientId: 'p' });
    const sizes = [10, 100, 20];
    publisher.send(
      ...sizes.map((size, index) =>
        publishPacket({ qos: 1, packetId: index + 1, payload: Buffer.alloc(size) }),
      ),
    );
    expect(client.messages.map(({ payload }) => payload.length)).toEqual([10, 20]);
    expect(world.core.counters.messagesDropped).toBe(1);
  });

  it('comes again to a session that outlives its connection [MQTT-4.4.0-1]', () => {
    const world = new BrokerWorld();
    const over = { clientId: 's', isCleanStart: false, properties: { sessionExpiryInterval: 9 } };
    world.subscriber('a/b', 1, over).drop();
    const client = world.connect(over);
    const publisher = world.connect({ clientId: 'p' });
    publish(publisher, 3);
    client.send(ackPacket('puback', 2));
    client.drop();
    const again = world.connect(over);
    expect(again.messages.map(({ isDuplicate, packetId }) => [isDuplicate, packetId])).toEqual([
      [true, 1],
      [true, 3],
    ]);
    expect(again.messages.map(({ payload }) => payload[0])).toEqual([0, 2]);
  });
});

describe('retained messages for a new subscriber', () => {
  /** As many as have a payload here, each of the topic that its place in the list says. */
  function retain(world: BrokerWorld, qos: 0 | 1 | 2, sizes: readonly number[]): void {
    const packets = sizes.map((size, index) =>
      publishPacket({
        qos,
        packetId: qos === 0 ? undefined : index + 1,
        isRetained: true,
        topicName: `ret/${index}`,
        payload: Buffer.alloc(size, index),
      }),
    );
    world.connect({ clientId: 'p' }).send(...packets);
  }

  function subscribed(world: BrokerWorld, qos: 0 | 1 | 2, over = {}): TestClient {
    const client = world.connect({ clientId: 's', ...over });
    client.send(subscribePacket([{ ...REQUEST, qos }]));
    return client;
  }

  it('come as they were published, with RETAIN set [MQTT-3.3.1-8]', () => {
    const world = new BrokerWorld();
    retain(world, 0, [1, 2, 3]);
    const client = subscribed(world, 2);
    const seen = client.messages.map(({ isRetained, qos, topicName, payload }) => {
      return [isRetained, qos, topicName, payload.length];
    });
    const wanted = [1, 2, 3].map((length, index) => [true, 0, `ret/${index}`, length]);
    expect(seen.toSorted()).toEqual(wanted);
    expect(world.core.counters.messagesSent).toBe(3);
  });

  it('have ids of their own, and wait for room in the window [MQTT-4.9.0-2]', () => {
    const world = new BrokerWorld({ inflightMax: 2 });
    retain(world, 2, [1, 1, 1]);
    const client = subscribed(world, 1);
    expect(ids(client)).toEqual([1, 2]);
    client.send(ackPacket('puback', 1));
    expect(ids(client)).toEqual([1, 2, 3]);
  });

  it('are left out where the client takes no packet so large [MQTT-3.1.2-25]', () => {
    const world = new BrokerWorld();
    retain(world, 1, [1, 100]);
    const client = subscribed(world, 1, { properties: { maximumPacketSize: 60 } });
    expect(client.messages.map(({ payload }) => payload.length)).toEqual([1]);
    expect(world.core.counters.messagesDropped).toBe(1);
  });

  it('come again to a session that outlives its connection [MQTT-4.4.0-1]', () => {
    const world = new BrokerWorld();
    const over = { clientId: 's', isCleanStart: false, properties: { sessionExpiryInterval: 9 } };
    retain(world, 1, [1]);
    subscribed(world, 1, over).drop();
    const again = world.connect(over);
    expect(again.messages.map(({ isDuplicate, packetId }) => [isDuplicate, packetId])).toEqual([
      [true, 1],
    ]);
  });

  it('come with aliases to a client that knows some', () => {
    const world = new BrokerWorld();
    retain(world, 0, [1]);
    const client = subscribed(world, 0, { properties: { topicAliasMaximum: 1 } });
    expect(client.messages.map(({ properties }) => properties.topicAlias)).toEqual([1]);
  });
});

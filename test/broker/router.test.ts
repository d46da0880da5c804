import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { Router } from '../../src/broker/router.ts';
import { type KeptMessage, keepMessage, messageFrom } from '../../src/session/message.ts';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { plentyOfMemory } from '../support/memory.ts';
import { publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };

function message(topicName: string, text: string, expirySeconds?: number): KeptMessage {
  const properties = expirySeconds === undefined ? {} : { messageExpiryInterval: expirySeconds };
  const packet = publishPacket({ isRetained: true, payload: Buffer.from(text), properties });
  return keepMessage(messageFrom(packet, topicName, 'p', 0));
}

describe('retained messages', () => {
  it('count what they take, whatever replaces and clears them', () => {
    const router = new Router(brokerConfig(), plentyOfMemory());
    router.retain(message('a', 'x'.repeat(100)));
    const { retainedBytes } = router;
    router.retain(message('b', 'y', 5));
    router.retain(message('b', 'z', 5));
    expect(router.retainedCount).toBe(2);
    router.retain(message('b', ''));
    router.retain(message('c', ''));
    expect([router.retainedCount, router.retainedBytes]).toEqual([1, retainedBytes]);
    router.retain(message('a', ''));
    expect([router.retainedCount, router.retainedBytes, router.nodeCount]).toEqual([0, 0, 0]);
    expect(router.expiringRetained().next().done).toBe(true);
  });

  it('have room for a replacement where there is none for a new topic', () => {
    const router = new Router(brokerConfig({ retainedBytesMax: 600 }), plentyOfMemory());
    router.retain(message('a', 'x'));
    expect(router.hasRoomToRetain(message('b', 'x'.repeat(200)))).toBe(false);
    expect(router.hasRoomToRetain(message('a', 'x'.repeat(200)))).toBe(true);
    expect(router.hasRoomToRetain(message('b', ''))).toBe(true);
    expect(router.hasRoomToRetain(message('b', 'x'))).toBe(true);
  });

  it('have room for a larger replacement, which then counts against new topics', () => {
    const router = new Router(brokerConfig({ retainedBytesMax: 600 }), plentyOfMemory());
    router.retain(message('a', 'x'));
    expect(router.hasRoomToRetain(message('b', 'x'))).toBe(true);
    expect(router.hasRoomToRetain(message('a', 'x'.repeat(900)))).toBe(true);
    router.retain(message('a', 'x'.repeat(900)));
    expect(router.hasRoomToRetain(message('b', 'x'))).toBe(false);
    router.retain(message('a', 'x'));
    expect(router.hasRoomToRetain(message('b', 'x'))).toBe(true);
  });

  it('have room for as many bytes as are allowed, and not for one more', () => {
    const router = new Router(brokerConfig({ retainedBytesMax: 600 }), plentyOfMemory());
    expect(router.hasRoomToRetain(message('a', 'x'.repeat(342)))).toBe(true);
    expect(router.hasRoomToRetain(message('a', 'x'.repeat(343)))).toBe(false);
  });

  it('are forgotten one by one, but not in place of a newer one', () => {
    const router = new Router(brokerConfig(), plentyOfMemory());
    const [old, young] = [message('a', 'old', 5), message('a', 'young', 5)];
    router.retain(old);
    router.retain(young);
    router.forget(old);
    expect([...(router.expiringRetained() as IterableIterator<KeptMessage>)]).toEqual([young]);
    router.forget(young);
    expect([router.retainedCount, router.retainedBytes]).toEqual([0, 0]);
  });
});

describe('a shared group', () => {
  function group(world: BrokerWorld, ...names: string[]): TestClient[] {
    return names.map((clientId) =>
      world.subscriber('$share/g/t', 1, { clientId, properties: KEPT }),
    );
  }

  function publish(world: BrokerWorld, count: number): void {
    const client = world.connect({ clientId: 'p' });
    for (let n = 0; n < count; n += 1) {
      client.send(publishPacket({ topicName: 't', qos: 1, packetId: 1, payload: Buffer.of(n) }));
    }
  }

  it('takes turns', () => {
    const world = new BrokerWorld();
    const members = group(world, 'a', 'b', 'c');
    publish(world, 9);
    expect(members.map(({ messages }) => messages.length)).toEqual([3, 3, 3]);
  });

  it('goes on with those who are left, and with those who come', () => {
    const world = new BrokerWorld();
    const [a, b, c] = group(world, 'a', 'b', 'c');
    publish(world, 2);
    b?.send({ type: 'unsubscribe', packetId: 9, properties: {}, topicFilters: ['$share/g/t'] });
    publish(world, 2);
    const [d] = group(world, 'd');
    publish(world, 3);
    const counts = [a, b, c, d].map((client) => client?.messages.length ?? 0);
    expect(counts.reduce((sum, count) => sum + count)).toBe(7);
    expect(counts[1]).toBe(1);
    expect(counts[3]).toBeGreaterThan(0);
  });

  it('prefers those who are connected, and takes turns among the absent otherwise', () => {
    const world = new BrokerWorld();
    const [a, b, c] = group(world, 'a', 'b', 'c');
    a?.drop();
    c?.drop();
    publish(world, 3);
    expect(b?.messages).toHaveLength(3);
    b?.drop();
    publish(world, 6);
    const waiting = ['a', 'b', 'c'].map((id) => world.core.sessions.find(id)?.waitingCount);
    expect(waiting).toEqual([2, 5, 2]);
  });
});

it('says how many get a message, and none of them is its own publisher by No Local', () => {
  const world = new BrokerWorld();
  const client = world.connect({ clientId: 'p' });
  client.send(subscribePacket([{ topicFilter: 'a/b', isNoLocal: true }]));
  client.take();
  client.send(publishPacket({ qos: 1, packetId: 1 }));
  expect(client.received).toMatchObject([{ type: 'puback', reasonCode: 0x10 }]);
});

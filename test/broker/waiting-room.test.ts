import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { WaitingRoom } from '../../src/broker/waiting-room.ts';
import { BrokerWorld, connackOf, subscribePacket } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

describe('connections that say nothing', () => {
  it('are bounded: the one that waits for longest gives way', () => {
    const world = new BrokerWorld({ pendingMax: 2 });
    const [first, second] = [world.open(), world.open()];
    world.advance(2);
    const third = world.open();
    world.settle();
    expect([first.isClosed, second.isClosed, third.isClosed]).toEqual([true, false, false]);
    expect(world.core.connections.size).toBe(2);
    expect(first.bytesReceived).toBe(0);
  });

  it('give way to nobody while they are new: the newest is closed', () => {
    const world = new BrokerWorld({ pendingMax: 1 });
    const first = world.open();
    const second = world.open();
    world.settle();
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
    expect(world.log.filter((event) => event === 'accept_limited')).toHaveLength(1);
  });

  it('lock no client out that is accepted already, and make room when they are', () => {
    const world = new BrokerWorld({ pendingMax: 1 });
    const clients = ['a', 'b', 'c'].map((clientId) => world.connect({ clientId }));
    expect(clients.map((client) => connackOf(client).reasonCode)).toEqual([0, 0, 0]);
  });

  it('take no seat of those who connect', () => {
    const world = new BrokerWorld({ connectionsMax: 1, pendingMax: 10 });
    world.open();
    world.open();
    expect(connackOf(world.connect({ clientId: 'a' })).reasonCode).toBe(0);
  });
});

it('lets a client take over its own connection in a full broker, and nobody else in', () => {
  const world = new BrokerWorld({ connectionsMax: 1 });
  const old = world.connect({ clientId: 'a' });
  expect(connackOf(world.connect({ clientId: 'b' })).reasonCode).toBe(0x97);
  expect(connackOf(world.connect({ clientId: 'a' })).reasonCode).toBe(0);
  expect(old.isClosed).toBe(true);
  world.advance(10);
  expect(world.core.waitingRoom.hasSeat).toBe(false);
});

it('tells of a flood once in ten seconds, with how many there were', () => {
  const told: number[] = [];
  const room = new WaitingRoom(brokerConfig({ pendingMax: 1 }), (count) => told.push(count));
  room.enter({ openedMs: 0, giveWay() {} });
  for (const nowMs of [1_000, 1_001, 1_002, 1_003, 1_004]) room.makeRoom(nowMs);
  expect(told).toEqual([1]);
  room.makeRoom(11_500);
  expect(told).toEqual([1, 5]);
});

it('keeps a fault of ours at one subscriber from the publisher and from the others', () => {
  const world = new BrokerWorld();
  const [bad, good] = ['bad', 'good'].map((clientId) => {
    const client = world.connect({ clientId });
    client.send(subscribePacket([{ topicFilter: 'a/b' }]));
    return client;
  });
  Object.defineProperty(bad?.channel, 'unsentBytes', {
    get() {
      throw new Error('planted');
    },
  });
  const publisher = world.connect({ clientId: 'p' });
  publisher.send(publishPacket({ qos: 1, packetId: 1, payload: Buffer.from('x') }));
  expect(good?.payloads).toEqual(['x']);
  expect(publisher.last).toMatchObject({ type: 'puback', reasonCode: 0 });
  expect(publisher.isClosed).toBe(false);
  expect(world.log).toContain('internal_error');
});

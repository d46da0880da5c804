import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { AuthMethods } from '../../src/broker/authentication.ts';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { WaitingRoom } from '../../src/broker/waiting-room.ts';
import {
  BrokerWorld,
  connackOf,
  connectPacket,
  subscribePacket,
  type TestClient,
} from '../support/broker-world.ts';
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

  it('are told to come again where they have sent CONNECT', () => {
    const methods: AuthMethods = new Map([['slow', () => ({ next() {} })]]);
    const world = new BrokerWorld({ pendingMax: 1 }, undefined, methods);
    const first = world.connect({ properties: { authenticationMethod: 'slow' } });
    world.advance(2);
    world.open();
    world.settle();
    expect(connackOf(first).reasonCode).toBe(0x89);
    expect(first.isClosed).toBe(true);
  });

  it('give way to nobody while they are new: the newest waits unread', () => {
    const world = new BrokerWorld({ pendingMax: 1 });
    const first = world.open();
    const second = world.open();
    expect([second.channel.events, world.core.arrivals.waitingCount]).toEqual([undefined, 1]);
    world.advance(1.9);
    expect([first.isClosed, second.channel.events]).toEqual([false, undefined]);
    world.advance(0.1);
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    expect(world.log).toEqual(['accept_limited', 'connect_refused']);
    expect(world.core.arrivals.waitingCount).toBe(0);
  });

  it('are followed by the next as soon as one is accepted, or goes', () => {
    const world = new BrokerWorld({ pendingMax: 1 });
    const [first, second, third] = [world.open(), world.open(), world.open()];
    first.send(connectPacket({ clientId: 'a' }));
    world.advance(0);
    expect([second.channel.events, third.channel.events]).toEqual([expect.anything(), undefined]);
    second.drop();
    world.advance(0);
    expect(third.channel.events).toBeDefined();
    expect(first.isClosed).toBe(false);
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
  const events = { onGaveWay: (count: number) => told.push(count), onRoom() {} };
  const room = new WaitingRoom(brokerConfig({ pendingMax: 1 }), events);
  room.enter({ openedMs: 0, channel: {}, giveWay() {} });
  for (const nowMs of [2_000, 2_001, 2_002, 2_003, 2_004]) room.makeRoom(nowMs);
  expect(told).toEqual([1]);
  room.makeRoom(12_500);
  expect(told).toEqual([1, 5]);
});

describe('--max-connections-per-ip', () => {
  function connectAt(world: BrokerWorld, host: string, clientId: string, level = 5): TestClient {
    const client = world.open(host);
    client.level = level as 4 | 5;
    client.send(connectPacket({ clientId, level: client.level }));
    return client;
  }

  it('lets so many clients of one address in, and of a /64 in IPv6', () => {
    const world = new BrokerWorld({ connectionsPerAddressMax: 2 });
    const hosts = ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.7', '192.0.2.8'];
    const codes = [
      ...hosts,
      '2001:db8::1',
      '2001:db8::2',
      '2001:db8::ffff:3',
      '2001:db8:0:1::',
    ].map((host, n) => connackOf(connectAt(world, host, `c${n}`)).reasonCode);
    expect(codes).toEqual([0, 0, 0x97, 0, 0, 0, 0x97, 0]);
    expect(connackOf(connectAt(world, '192.0.2.7', 'old', 4)).reasonCode).toBe(3);
    expect(world.events.at(-1)).toMatchObject({
      event: 'connect_refused',
      fields: { client: 'old', limit: '--max-connections-per-ip' },
    });
  });

  it('counts who goes no more', () => {
    const world = new BrokerWorld({ connectionsPerAddressMax: 1 });
    const first = connectAt(world, '192.0.2.7', 'a');
    const refused = connectAt(world, '192.0.2.7', 'b');
    expect(connackOf(refused).reasonCode).toBe(0x97);
    first.drop();
    expect(world.core.waitingRoom.addressCount).toBe(0);
    expect(connackOf(connectAt(world, '192.0.2.7', 'b')).reasonCode).toBe(0);
  });

  it('lets a client take over from its own address, and not into a full one', () => {
    const world = new BrokerWorld({ connectionsPerAddressMax: 1 });
    connectAt(world, '192.0.2.7', 'a');
    expect(connackOf(connectAt(world, '192.0.2.7', 'a')).reasonCode).toBe(0);
    const elsewhere = connectAt(world, '192.0.2.8', 'b');
    expect(connackOf(connectAt(world, '192.0.2.7', 'b')).reasonCode).toBe(0x97);
    expect(elsewhere.isClosed).toBe(false);
  });

  it('counts none where a channel has no address', () => {
    const room = new WaitingRoom(brokerConfig({ connectionsPerAddressMax: 1 }), {
      onGaveWay() {},
      onRoom() {},
    });
    room.onAccepted({ openedMs: 0, channel: {}, giveWay() {} });
    expect(room.hasSeatAt(undefined, undefined)).toBe(true);
  });
});

it('keeps a fault of ours at one subscriber from the publisher and from the others', () => {
  const world = new BrokerWorld();
  const [bad, good] = ['bad', 'good'].map((clientId) => {
    const client = world.connect({ clientId });
    client.send(subscribePacket([{ topicFilter: 'a/b' }]));
    return client;
  });
  const output = world.core.sessions.find('bad')?.connection?.output;
  if (output === undefined || bad === undefined) throw new Error('it is connected');
  output.noteMessage = () => {
    throw new Error('planted');
  };
  const publisher = world.connect({ clientId: 'p' });
  publisher.send(publishPacket({ qos: 1, packetId: 1, payload: Buffer.from('x') }));
  expect(good?.payloads).toEqual(['x']);
  expect(publisher.last).toMatchObject({ type: 'puback', reasonCode: 0 });
  expect(publisher.isClosed).toBe(false);
  expect(world.log).toContain('internal_error');
});

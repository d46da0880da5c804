import { describe, expect, it } from 'vitest';
import { TakeoverTimes } from '../../src/broker/takeover-flapping.ts';
import {
  BrokerWorld,
  connackOf,
  subscribePacket,
  type TestClient,
} from '../support/broker-world.ts';
import { KEPT, message } from '../support/conformance.ts';

const CONNECT = { clientId: 'c' };

/** The client id is taken over five times, which is as often as it goes at once. */
function fillWindow(world: BrokerWorld, over = {}): TestClient {
  let client = world.connect({ ...CONNECT, ...over });
  for (let n = 0; n < 5; n += 1) client = world.connect({ ...CONNECT, ...over });
  return client;
}

function count(world: BrokerWorld, event: string): number {
  return world.log.filter((logged) => logged === event).length;
}

it('is full while the last five times lie within ten seconds', () => {
  const times = new TakeoverTimes();
  for (const nowMs of [0, 1, 2, 3]) times.note(nowMs);
  expect(times.isFull(3)).toBe(false);
  times.note(4);
  expect([times.isFull(9_999), times.isFull(10_000)]).toEqual([true, false]);
  times.note(9_000);
  expect([times.isFull(10_000), times.isFull(10_001)]).toEqual([true, false]);
});

describe.each([{}, { isCleanStart: false, properties: KEPT }])('one client id, %j', (over) => {
  it('is taken over at once five times, and then after a second', () => {
    const world = new BrokerWorld();
    const old = fillWindow(world, over);
    const young = world.connect({ ...CONNECT, ...over });
    expect([old.isClosed, young.received]).toEqual([false, []]);
    world.advance(0.9);
    expect([old.isClosed, young.received]).toEqual([false, []]);
    world.advance(0.1);
    expect(old.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8e });
    expect(connackOf(young).reasonCode).toBe(0);
    young.send({ type: 'pingreq' });
    expect(young.last).toEqual({ type: 'pingresp' });
  });

  it('is told of with both addresses, once in a while', () => {
    const world = new BrokerWorld();
    const old = fillWindow(world, over);
    for (let n = 0; n < 5; n += 1) world.connect({ ...CONNECT, ...over });
    const lines = world.events.filter(({ event }) => event === 'takeover_flapping');
    expect(lines).toMatchObject([
      { level: 'warn', fields: { client: 'c', old: old.channel.peer, new: '192.0.2.1:50007' } },
    ]);
  });
});

it('lets a client through that finds the place free, and all others', () => {
  const world = new BrokerWorld();
  fillWindow(world).drop();
  expect(connackOf(world.connect(CONNECT)).reasonCode).toBe(0);
  fillWindow(world);
  expect(connackOf(world.connect({ clientId: 'other' })).reasonCode).toBe(0);
});

it('calls ten seconds of peace enough', () => {
  const world = new BrokerWorld();
  fillWindow(world);
  world.advance(10);
  expect(connackOf(world.connect(CONNECT)).reasonCode).toBe(0);
});

it('forgets who does not wait for its turn', () => {
  const world = new BrokerWorld();
  fillWindow(world);
  const { size } = world.core.deadlines;
  const young = world.connect(CONNECT);
  young.drop();
  expect(world.core.deadlines.size).toBe(size);
  world.advance(2);
  expect(count(world, 'takeover')).toBe(5);
});

it('asks again whether there is room for who has waited', () => {
  const world = new BrokerWorld({ connectionsMax: 1 });
  const old = fillWindow(world);
  const young = world.connect(CONNECT);
  old.drop();
  world.connect({ clientId: 'other' });
  world.advance(1);
  expect(connackOf(young).reasonCode).toBe(0x97);
});

it('serves all who came at once, in order, and one is left', () => {
  const world = new BrokerWorld();
  const clients = Array.from({ length: 50 }, () => world.connect(CONNECT));
  expect(count(world, 'takeover')).toBe(5);
  world.advance(1.1);
  expect(clients.findIndex((client) => !client.isClosed)).toBe(49);
  expect(count(world, 'takeover')).toBe(49);
});

it('grows by nothing in 10,000 takeovers of a client that subscribes and publishes', () => {
  const world = new BrokerWorld();
  for (let n = 0; n < 10_000; n += 1) {
    const isKept = n % 2 === 0;
    const properties = isKept ? KEPT : {};
    const client = world.connect({ ...CONNECT, isCleanStart: n % 3 === 0, properties });
    world.advance(1);
    expect(connackOf(client).reasonCode).toBe(0);
    client.send(subscribePacket([{ topicFilter: `t/${n % 7}`, qos: 1 }]));
    client.send(message('x', { topicName: `t/${n % 5}`, qos: 2 }));
    world.events.length = 0;
  }
  world.connect({ ...CONNECT, isCleanStart: true });
  world.advance(2);
  const { connections, deadlines, router, sessions, waitingRoom } = world.core;
  expect({
    connections: connections.size,
    sessions: sessions.size,
    waiting: waitingRoom.waitingCount,
    subscriptions: router.subscriptionCount,
    nodes: router.nodeCount,
    deadlines: deadlines.size,
  }).toEqual({ connections: 1, sessions: 1, waiting: 0, subscriptions: 0, nodes: 0, deadlines: 0 });
}, 60_000);

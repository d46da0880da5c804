import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, connectPacket, type TestClient } from '../support/broker-world.ts';

/** Clients that send CONNECT at once, whether anybody reads it or not. */
function arrive(world: BrokerWorld, count: number): TestClient[] {
  return Array.from({ length: count }, () => world.open());
}

function openCount(clients: readonly TestClient[]): number {
  return clients.filter(({ channel }) => channel.events !== undefined).length;
}

describe('--connect-rate', () => {
  it('lets a burst of one second in, and the others in their order at its pace', () => {
    const world = new BrokerWorld({ connectsPerSecond: 10 });
    const clients = arrive(world, 30);
    expect([openCount(clients), world.core.arrivals.waitingCount]).toEqual([11, 19]);
    world.advance(0.5);
    expect(openCount(clients)).toBe(16);
    expect(openCount(clients.slice(0, 16))).toBe(16);
    world.advance(1.4);
    expect([openCount(clients), world.core.arrivals.waitingCount]).toEqual([30, 0]);
    expect(clients.some(({ isClosed }) => isClosed)).toBe(false);
    expect(world.log).toEqual([]);
  });

  it('counts the time to connect from the end of the wait', () => {
    const world = new BrokerWorld({ connectsPerSecond: 1, connectTimeoutMs: 5_000 });
    const last = arrive(world, 12).at(-1);
    world.advance(10.5);
    expect(last?.isClosed).toBe(false);
    last?.send(connectPacket());
    expect(last?.last).toMatchObject({ type: 'connack', reasonCode: 0 });
  });

  it('lets nobody pass who came later', () => {
    const world = new BrokerWorld({ connectsPerSecond: 10 });
    const early = arrive(world, 12);
    world.nowMs += 1_000; // Nobody has told the broker of it.
    const late = world.open();
    expect([openCount(early), late.channel.events]).toEqual([11, undefined]);
    world.advance(0);
    expect([openCount(early), late.channel.events]).toEqual([12, expect.anything()]);
  });

  it('is no limit at 0', () => {
    const world = new BrokerWorld({ connectsPerSecond: 0, pendingMax: 10_000 });
    expect(openCount(arrive(world, 5_000))).toBe(5_000);
  });
});

describe('the line', () => {
  it('is bounded by the sockets that there may be: who comes then is closed', () => {
    const world = new BrokerWorld({ connectsPerSecond: 1, connectionsMax: 6, pendingMax: 4 });
    const clients = arrive(world, 15);
    const { arrivals, connections } = world.core;
    expect([connections.size, arrivals.waitingCount]).toEqual([2, 8]);
    expect(clients.map(({ isClosed }) => isClosed).indexOf(true)).toBe(10);
    world.advance(10);
    arrive(world, 20);
    const lines = world.events.filter(({ fields: { message } }) =>
      String(message).startsWith('10 '),
    );
    expect(lines.map(({ event, fields: { closed } }) => `${event} ${closed}`)).toEqual([
      'accept_limited 1',
      'accept_limited 5',
    ]);
  });

  it('ends when the broker shuts down', () => {
    const world = new BrokerWorld({ connectsPerSecond: 1 });
    const clients = arrive(world, 10);
    let isDone = false;
    world.broker.shutDown(() => {
      isDone = true;
    });
    world.settle();
    expect([clients.every(({ isClosed }) => isClosed), isDone]).toEqual([true, true]);
    expect([world.core.arrivals.waitingCount, world.core.deadlines.size]).toEqual([0, 0]);
  });
});

describe('while the event loop is late', () => {
  it('opens nobody, and goes on once it is not', () => {
    const world = new BrokerWorld();
    world.broker.onLag(201);
    const client = world.open();
    world.advance(60);
    expect([client.channel.events, client.isClosed]).toEqual([undefined, false]);
    world.broker.onLag(50);
    world.advance(0);
    expect(client.channel.events).toBeDefined();
    expect(world.events).toMatchObject([
      { event: 'overload', level: 'warn', fields: { lag_ms: 201 } },
      { event: 'overload', level: 'info', fields: { lag_ms: 50, waiting: 1 } },
    ]);
  });

  it('serves those who are here, and accepts nobody if it is very late', () => {
    const world = new BrokerWorld();
    const here = world.connect({ clientId: 'here' });
    const [five, four] = [world.open(), world.open()];
    four.level = 4;
    world.broker.onLag(1_001);
    five.send(connectPacket({ clientId: '5' }));
    four.send(connectPacket({ clientId: '4', level: 4 }));
    expect([connackOf(five).reasonCode, connackOf(four).reasonCode]).toEqual([0x89, 3]);
    expect(world.events.at(-1)).toMatchObject({ event: 'connect_refused', level: 'warn' });
    here.send({ type: 'pingreq' });
    expect(here.last).toEqual({ type: 'pingresp' });
    world.broker.onLag(400);
    const lines = world.events.filter(({ event }) => event === 'overload');
    expect(lines).toHaveLength(2);
  });

  it('says nothing of what has not changed', () => {
    const world = new BrokerWorld();
    for (const lagMs of [0, 199, 300, 400, 150]) world.broker.onLag(lagMs);
    expect(world.log).toEqual(['overload']);
  });
});

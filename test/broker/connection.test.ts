import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connectPacket, subscribePacket } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

const WILL = {
  topicName: 'will',
  payload: Buffer.from('gone'),
  qos: 0,
  isRetained: false,
  properties: {},
} as const;

it.each([
  [true, 'info'],
  [false, 'debug'],
] as const)('says who comes and goes where that is wanted: %s', (logsConnections, level) => {
  const world = new BrokerWorld({ logsConnections });
  world.connect().send({ type: 'disconnect', reasonCode: 0, properties: {} });
  expect(world.events).toMatchObject([
    { event: 'connect', level },
    { event: 'disconnect', level },
  ]);
});

describe('time', () => {
  it('closes a connection that sends no CONNECT in time, however busily', () => {
    const world = new BrokerWorld({ connectTimeoutMs: 5_000 });
    const client = world.open();
    const bytes = client.encode(connectPacket());
    for (const [n, byte] of bytes.subarray(0, 8).entries()) {
      if (n > 0) world.advance(0.7);
      client.sendBytes(Buffer.of(byte));
    }
    expect(client.isClosed).toBe(false);
    world.advance(0.2);
    expect([client.isClosed, client.received]).toEqual([true, []]);
    expect(world.log).toEqual(['connect_refused']);
  });

  it('refuses nobody who goes before CONNECT: it is lost', () => {
    const world = new BrokerWorld();
    world.open().drop();
    const client = world.open();
    client.sendBytes(client.encode(connectPacket()).subarray(0, 5));
    client.drop();
    expect(world.events).toMatchObject([
      { event: 'connection_lost', level: 'debug' },
      { event: 'connection_lost', level: 'info', fields: { message: expect.stringMatching(/5/) } },
    ]);
  });

  it('cuts off a peer that does not close with it, once', () => {
    const world = new BrokerWorld();
    const client = world.connect();
    client.channel.isLingering = true;
    client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
    world.advance(1.9);
    expect([client.isClosed, world.broker.connectionCount]).toEqual([false, 1]);
    world.advance(0.2);
    expect([client.isClosed, world.broker.connectionCount]).toEqual([true, 0]);
    expect(world.core.deadlines.size).toBe(0);
  });

  it('gives up a client that takes nothing, and its will goes out', () => {
    const world = new BrokerWorld({ writeTimeoutMs: 10_000 });
    const watcher = world.subscriber('will');
    const properties = { sessionExpiryInterval: 60 };
    const client = world.subscriber('a/b', 0, { clientId: 'frozen', will: WILL, properties });
    client.channel.isFrozen = true;
    world.connect({ clientId: 'p' }).send(publishPacket());
    world.advance(9.9);
    expect(client.isClosed).toBe(false);
    world.advance(0.2);
    expect(client.isClosed).toBe(true);
    expect(watcher.payloads).toEqual(['gone']);
    expect(world.events.at(-1)).toMatchObject({
      level: 'warn',
      event: 'write_timeout',
      fields: { client: 'frozen', limit: '--write-timeout', next: expect.any(String) },
    });
    const back = world.connect({ clientId: 'frozen', isCleanStart: false });
    expect(back.received).toMatchObject([{ isSessionPresent: true }]);
  });

  it('keeps a client that takes something, although ever more waits for it', () => {
    const world = new BrokerWorld({ writeTimeoutMs: 10_000 });
    const client = world.subscriber('a/b', 0, { clientId: 'slow' });
    client.channel.isFrozen = true;
    const publisher = world.connect({ clientId: 'p' });
    for (let n = 0; n < 10; n += 1) {
      publisher.send(publishPacket({ payload: Buffer.alloc(100 * (n + 1)) }));
      publisher.send(publishPacket({ payload: Buffer.alloc(100 * (n + 1)) }));
      client.channel.takeOne();
      world.advance(8);
    }
    expect(client.isClosed).toBe(false);
  });

  it('does not blame a publisher for a silence that is our own', () => {
    const config = { writeBufferBytes: 1_024, slowGraceMs: 60_000 };
    const world = new BrokerWorld(config);
    const slow = world.subscriber('a/b');
    const publisher = world.connect({ clientId: 'p', keepAliveSeconds: 10 });
    slow.channel.isFrozen = true;
    publisher.send(publishPacket({ payload: Buffer.alloc(2_000) }));
    expect(publisher.channel.isPaused).toBe(true);
    world.advance(20);
    expect(publisher.isClosed).toBe(false);
    slow.thaw();
    world.advance(14.9);
    expect(publisher.isClosed).toBe(false);
    world.advance(0.2);
    expect(publisher.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8d });
  });
});

describe('faults', () => {
  it('ends one connection for an error of its own, and logs the stack', () => {
    const world = new BrokerWorld();
    const other = world.connect({ clientId: 'other' });
    const client = world.connect({ will: WILL });
    const watcher = world.subscriber('will');
    world.core.router.deliver = (): number => {
      delete (world.core.router as { deliver?: unknown }).deliver;
      throw new Error('a bug');
    };
    client.send(publishPacket({ isRetained: true }));
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x83 });
    expect(watcher.payloads).toEqual(['gone']);
    expect(other.isClosed).toBe(false);
    const bug = world.events.find(({ event }) => event === 'internal_error');
    expect(bug?.fields).toMatchObject({ stack: expect.stringContaining('a bug') });
  });

  it('cuts off a connection that cannot even end', () => {
    const world = new BrokerWorld();
    const client = world.connect({ will: WILL });
    client.channel.isLingering = true;
    world.core.router.deliver = (): number => {
      throw new Error('a bug');
    };
    client.send(publishPacket({ isRetained: true }));
    expect(client.isClosed).toBe(true);
    world.advance(100);
    expect(world.broker.connectionCount).toBe(0);
  });

  it('survives an error while a client is lost', () => {
    const world = new BrokerWorld();
    const client = world.connect({ will: WILL });
    world.core.router.deliver = (): number => {
      throw new Error('a bug');
    };
    client.drop();
    expect(world.log).toContain('internal_error');
    expect(world.broker.connectionCount).toBe(0);
  });
});

it('ends with a client that has no room for an answer [MQTT-3.1.2-24]', () => {
  const world = new BrokerWorld();
  const client = world.connect({ properties: { maximumPacketSize: 25 } });
  const filters = Array.from({ length: 30 }, (_, n) => ({ topicFilter: String(n) }));
  client.send(subscribePacket(filters));
  expect(client.last).toEqual({ type: 'disconnect', reasonCode: 0x95, properties: {} });
  expect(client.isClosed).toBe(true);
});

it('says no reason to a client that wants none', () => {
  const world = new BrokerWorld();
  const client = world.connect({ properties: { requestProblemInformation: 0 } });
  client.sendBytes(Buffer.of(0xc1, 0x00));
  expect(client.last).toEqual({ type: 'disconnect', reasonCode: 0x81, properties: {} });
});

it('logs the end of a connection in one line', () => {
  const world = new BrokerWorld();
  world.connect({ clientId: 'c', userName: 'u' }).drop();
  expect(world.log).toEqual(['connect', 'connection_lost']);
  expect(world.events[1]?.fields).toMatchObject({ client: 'c', user: 'u', by: 'network' });
});

it('leaves nothing behind a connection that is gone', () => {
  const world = new BrokerWorld();
  for (let n = 0; n < 100; n += 1) {
    const client = world.connect({ clientId: `c${n}`, keepAliveSeconds: 10 });
    client.send(subscribePacket([{ topicFilter: `a/${n}/#` }]));
    client.drop();
  }
  const { core } = world;
  expect([core.connections.size, core.sessions.size, core.router.subscriptionCount]).toEqual([
    0, 0, 0,
  ]);
  expect([core.router.nodeCount, core.deadlines.size]).toEqual([0, 0]);
});

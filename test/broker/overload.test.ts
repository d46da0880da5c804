import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import {
  BrokerWorld,
  connackOf,
  subscribePacket,
  type TestClient,
} from '../support/broker-world.ts';
import { outcome, willOf } from '../support/conformance.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const MIB = 1_048_576;
const MAX = 4 * MIB;
const KEPT = { sessionExpiryInterval: 1_000 };

/** A broker with little memory, and a session that keeps all that comes to `q`. */
function tightWorld(over: Partial<BrokerConfig> = {}): BrokerWorld {
  const world = new BrokerWorld({ memoryBytesMax: MAX, ...over });
  world.subscriber('q', 1, { clientId: 'away', properties: KEPT }).drop();
  return world;
}

/** Has messages queued until so much of the memory is used. */
function fill(world: BrokerWorld, part: number, clientId = 'filler'): TestClient {
  const client = world.connect({ clientId });
  const payload = Buffer.alloc(MAX / 100);
  for (let n = 0; world.core.memory.bytes < MAX * part; n += 1) {
    if (n > 200) throw new Error('memory does not fill');
    client.send(publishPacket({ topicName: 'q', qos: 1, packetId: 1, payload }));
  }
  return client;
}

interface OverloadLine {
  readonly level: string;
  readonly held?: number;
  readonly message?: string;
}

function overloads(world: BrokerWorld): OverloadLine[] {
  return world.events
    .filter(({ event }) => event === 'overload')
    .map(({ fields, level }) => ({ level, ...fields }));
}

/** The session that keeps what fills the memory begins anew, and so gives it back. */
function empty(world: BrokerWorld): void {
  world.connect({ clientId: 'away', isCleanStart: true });
}

describe('at 70 percent', () => {
  it('says so, and who holds most', () => {
    const world = tightWorld();
    fill(world, 0.7);
    expect(overloads(world)).toMatchObject([
      { level: 'warn', limit: '--max-memory', client: 'away', max: MAX, next: expect.any(String) },
    ]);
    expect(Number(overloads(world)[0]?.held)).toBeGreaterThan(MAX * 0.6);
    expect(outcome(world.connect({ clientId: 'new' }))).toBe('open');
  });

  it('says that it is better below 65 percent', () => {
    const world = tightWorld();
    fill(world, 0.7);
    empty(world);
    expect(overloads(world)).toMatchObject([
      { level: 'warn', message: 'memory is getting short' },
      { level: 'info', message: 'there is enough memory again' },
    ]);
    world.advance(10);
    expect(world.core.deadlines.size).toBe(0);
  });
});

describe('at 85 percent', () => {
  it('refuses new sessions, and takes those that are there', () => {
    const world = tightWorld();
    fill(world, 0.85);
    expect(outcome(world.connect({ clientId: 'new' }))).toBe('connack 0x97');
    expect(world.events.at(-1)).toMatchObject({
      event: 'connect_refused',
      fields: { client: 'new', limit: '--max-memory' },
    });
    expect(outcome(world.connect({ clientId: 'new', level: 4 }))).toBe('connack 0x03');
    const back = world.connect({ clientId: 'away', isCleanStart: false, properties: KEPT });
    expect(connackOf(back)).toMatchObject({ reasonCode: 0, isSessionPresent: true });
  });

  it('holds publishers up, those first who send most, more and more of them', () => {
    const world = tightWorld();
    const many = ['a', 'b', 'c', 'd'].map((clientId) => world.connect({ clientId }));
    const filler = fill(world, 0.85);
    const idle = world.connect({ clientId: 'away', isCleanStart: false, properties: KEPT });
    expect(filler.channel.isPaused).toBe(true);
    const paused = (): boolean[] => many.map(({ channel }) => channel.isPaused);
    const sendAll = (): void => {
      for (const [n, client] of many.entries()) {
        if (client.channel.isPaused) continue;
        client.send(publishPacket({ topicName: 'x', payload: Buffer.alloc(1_000 * (n + 1)) }));
      }
    };
    sendAll();
    world.advance(0.25);
    expect(paused()).toEqual([false, false, false, true]);
    sendAll();
    world.advance(0.25);
    expect(paused()).toEqual([false, true, true, true]);
    expect(idle.channel.isPaused).toBe(false);
    expect(world.core.counters.publishersPaused.memory).toBe(4);
  });

  it('holds nobody up for what was sent before', () => {
    const world = tightWorld();
    const before = ['a', 'b', 'c'].map((clientId) => world.connect({ clientId }));
    for (const client of before) client.send(publishPacket({ topicName: 'x' }));
    fill(world, 0.85);
    world.advance(1);
    expect(before.map(({ channel }) => channel.isPaused)).toEqual([false, false, false]);
    expect(world.core.counters.publishersPaused.memory).toBe(1);
  });

  it('lets all go on below 80 percent, and holds nobody for ever before', () => {
    const world = tightWorld();
    const filler = fill(world, 0.85);
    world.advance(1.9);
    expect(filler.channel.isPaused).toBe(true);
    world.advance(0.2);
    expect(filler.channel.isPaused).toBe(false);
    filler.send(publishPacket({ topicName: 'x' }));
    world.advance(0.25);
    expect(filler.channel.isPaused).toBe(true);
    empty(world);
    expect(filler.channel.isPaused).toBe(false);
    expect(outcome(world.connect({ clientId: 'new' }))).toBe('open');
  });

  it('forgets who is gone', () => {
    const world = tightWorld();
    const filler = fill(world, 0.85);
    filler.drop();
    empty(world);
    expect(world.events.some(({ event }) => event === 'internal_error')).toBe(false);
  });
});

describe('at 95 percent', () => {
  it('keeps no more messages of clients: QoS 1 and 2 are refused', () => {
    const world = tightWorld();
    const old = world.connect({ clientId: 'old', level: 4 });
    const filler = fill(world, 0.95);
    const { bytes } = world.core.memory;
    for (const qos of [1, 2] as const) {
      filler.send(publishPacket({ topicName: 'q', qos, packetId: 9 }));
      expect(filler.last).toMatchObject({ reasonCode: 0x97 });
    }
    old.send(publishPacket({ topicName: 'q', qos: 1, packetId: 1 }));
    expect(outcome(old)).toBe('closed');
    expect(world.core.memory.bytes).toBeLessThanOrEqual(bytes);
    const messages = overloads(world).map(({ message }) => message);
    expect(messages.map((text) => text?.slice(0, 15))).toEqual([
      'memory is getti',
      'memory is short',
      'memory is used ',
    ]);
    expect(world.events).toContainEqual(
      expect.objectContaining({
        event: 'limit_reached',
        fields: expect.objectContaining({ client: 'filler', limit: '--max-memory' }),
      }),
    );
  });

  it('passes on what need not be kept, and takes acks', () => {
    const world = tightWorld();
    const here = world.subscriber('live', 1, { clientId: 'here' });
    const filler = fill(world, 0.95);
    filler.send(publishPacket({ topicName: 'live', qos: 1, packetId: 9 }));
    expect(filler.last).toMatchObject({ type: 'puback', reasonCode: 0 });
    expect(here.messages).toHaveLength(1);
    here.send(ackPacket('puback', 1));
    filler.send(publishPacket({ topicName: 'nobody', qos: 1, packetId: 9 }));
    expect(filler.last).toMatchObject({ type: 'puback', reasonCode: 0x10 });
  });

  it('asks all members of a group, and nobody for what does not concern them', () => {
    const world = tightWorld({ inflightMax: 1 });
    const busy = world.connect({ clientId: 'busy' });
    const group = subscribePacket([{ topicFilter: '$share/g/group', qos: 1 }]);
    const own = { topicFilter: 'own', qos: 1, isNoLocal: true } as const;
    busy.send(subscribePacket([own, { topicFilter: 'y', qos: 1 }, { topicFilter: 'zero' }]));
    busy.send(publishPacket({ topicName: 'y', qos: 1, packetId: 1 }));
    world.connect({ clientId: 'member' }).send(group);
    const lazy = world.connect({ clientId: 'lazy', properties: KEPT });
    lazy.send(subscribePacket([{ topicFilter: '$share/g/lazy' }]));
    lazy.drop();
    fill(world, 0.95);
    const publish = (topicName: string): unknown => {
      busy.send(publishPacket({ topicName, qos: 1, packetId: 9 }));
      return busy.last;
    };
    expect(publish('y')).toMatchObject({ reasonCode: 0x97 });
    expect(publish('own')).toMatchObject({ reasonCode: 0x10 });
    expect(publish('zero')).toMatchObject({ type: 'puback', reasonCode: 0 });
    expect(publish('lazy')).toMatchObject({ type: 'puback', reasonCode: 0 });
    expect(publish('group')).toMatchObject({ type: 'puback', reasonCode: 0 });
    expect(publish('group')).toMatchObject({ type: 'puback', reasonCode: 0x97 });
  });

  it('retains nothing new, passes it on with QoS 0, and clears what is asked for', () => {
    const world = tightWorld();
    const here = world.subscriber('r', 0, { clientId: 'here' });
    const setter = world.connect({ clientId: 'setter' });
    const retained = { topicName: 'r', isRetained: true } as const;
    setter.send(publishPacket({ ...retained, payload: Buffer.of(1) }));
    const filler = fill(world, 0.95);
    const retain = publishPacket({ ...retained, qos: 1, packetId: 9, payload: Buffer.of(2) });
    filler.send(retain);
    expect(filler.last).toMatchObject({ type: 'puback', reasonCode: 0x97 });
    filler.send(publishPacket({ ...retained, topicName: 'r', payload: Buffer.of(3) }));
    expect(here.messages.map(({ payload }) => payload[0])).toEqual([1, 3]);
    filler.send(publishPacket({ ...retained, payload: Buffer.of() }));
    expect(world.core.router.retainedCount).toBe(0);
  });

  it('grants no new subscriptions, but other terms for old ones', () => {
    const world = tightWorld();
    const client = world.connect({ clientId: 'c' });
    const older = world.connect({ clientId: 'older', level: 4 });
    client.send(subscribePacket([{ topicFilter: 'a' }]));
    fill(world, 0.95);
    client.send(subscribePacket([{ topicFilter: 'a', qos: 1 }, { topicFilter: 'b' }]));
    expect(client.last).toMatchObject({ type: 'suback', reasonCodes: [1, 0x97] });
    older.send(subscribePacket([{ topicFilter: 'b' }]));
    expect(older.last).toMatchObject({ type: 'suback', reasonCodes: [0x80] });
  });

  it('queues no QoS 0 for those who are away', () => {
    const world = tightWorld({ queuesQos0: true });
    const filler = fill(world, 0.95);
    filler.send(publishPacket({ topicName: 'q' }));
    expect(world.core.counters.dropped.memory).toBe(1);
    expect(world.events).toContainEqual(
      expect.objectContaining({
        event: 'queue_drop',
        fields: expect.objectContaining({ client: 'away', limit: '--max-memory' }),
      }),
    );
  });

  it('disconnects the clients of 5.0 for whom most waits, as few as will do', () => {
    const world = new BrokerWorld({ memoryBytesMax: MAX });
    const publisher = world.connect({ clientId: 'p' });
    const shares = [
      [5, 0.2],
      [5, 0.3],
      [4, 0.35],
      [5, 0.25],
    ] as const;
    const slow = shares.map(([level, share]) => {
      const client = world.subscriber(`s${share}`, 0, { clientId: `s${share}`, level });
      client.channel.isFrozen = true;
      client.channel.isLingering = true;
      return client;
    });
    for (const [, share] of shares) {
      const payload = Buffer.alloc(share * MAX);
      publisher.send(publishPacket({ topicName: `s${share}`, payload }));
    }
    world.advance(1.9);
    const ended = world.events.filter(({ event }) => event === 'disconnect');
    expect(ended).toMatchObject([
      { fields: { client: 's0.3', code: '0x97', limit: '--max-memory' } },
    ]);
    world.advance(0.2);
    expect(slow.map(({ isClosed }) => isClosed)).toEqual([false, true, false, false]);
    expect(world.core.memory.isExhausted).toBe(false);
  });

  it('sends slow clients no more than a buffer, whichever version they speak', () => {
    const world = tightWorld({ slowGraceMs: 60_000 });
    const slow = world.subscriber('live', 1, { clientId: 'slow', level: 4 });
    const filler = fill(world, 0.95);
    slow.channel.isFrozen = true;
    const payload = Buffer.alloc(10_000);
    for (let n = 0; n < 20; n += 1) filler.send(publishPacket({ topicName: 'live', payload }));
    expect(slow.channel.unsentBytes).toBeLessThan(65_536);
    expect(world.core.counters.dropped.slowQos0).toBeGreaterThan(10);
    empty(world);
    world.advance(1);
    filler.send(publishPacket({ topicName: 'live', payload }));
    slow.thaw();
    expect(slow.messages).toHaveLength(21 - world.core.counters.dropped.slowQos0);
  });

  it('takes up again below 90 percent what it has refused', () => {
    const world = tightWorld();
    const filler = fill(world, 0.95);
    empty(world);
    world.connect({ clientId: 'away', properties: KEPT });
    filler.send(
      publishPacket({
        topicName: 'r',
        isRetained: true,
        qos: 1,
        packetId: 9,
        payload: Buffer.of(1),
      }),
    );
    expect(filler.last).toMatchObject({ reasonCode: 0x10 });
  });
});

it('stays within its bound, whatever clients send and do not take', () => {
  const world = new BrokerWorld({ memoryBytesMax: MAX, queueMessagesMax: 0, slowGraceMs: 0 });
  const random = new Random(1);
  for (let n = 0; n < 3; n += 1) {
    world.subscriber('t/#', 1, { clientId: `away${n}`, properties: KEPT }).drop();
    world.subscriber('t/#', 1, { clientId: `slow${n}`, level: 4 }).channel.isFrozen = true;
  }
  let clients = 0;
  let most = 0;
  for (let n = 0; n < 3_000; n += 1) {
    if (n % 300 === 0) {
      clients += 1;
      const payload = Buffer.alloc(10_000);
      world.connect({ clientId: `p${clients}`, properties: KEPT, will: willOf({ payload }) });
    }
    const client = world.connect({
      clientId: `p${random.below(clients) + 1}`,
      isCleanStart: false,
    });
    const payload = Buffer.alloc(random.below(20_000));
    const isRetained = random.below(2) === 0;
    const topicName = `t/${n}`;
    client.send(publishPacket({ topicName, qos: 1, packetId: 1, payload, isRetained }));
    client.send(subscribePacket([{ topicFilter: `f/${n}` }]));
    world.advance(0.05);
    most = Math.max(most, world.core.memory.bytes);
  }
  expect(most).toBeGreaterThan(MAX * 0.9);
  expect(most).toBeLessThan(MAX);
  expect(world.log).not.toContain('internal_error');
});

describe('the account', () => {
  it('is even again when all is over', () => {
    const world = new BrokerWorld({ memoryBytesMax: MAX });
    const { bytes } = world.core.memory;
    const client = world.connect({ clientId: 'c', will: willOf(), properties: KEPT });
    client.send(
      subscribePacket([
        { topicFilter: 'a/#', qos: 2 },
        { topicFilter: '$share/g/b', qos: 1 },
      ]),
      publishPacket({
        topicName: 'a/b',
        isRetained: true,
        payload: Buffer.of(1),
        properties: { topicAlias: 1 },
      }),
      publishPacket({ topicName: 'a/c', qos: 1, packetId: 1, properties: { topicAlias: 2 } }),
    );
    const half = client.encode(publishPacket({ payload: Buffer.alloc(10_000) })).subarray(0, 5_000);
    client.sendBytes(half);
    expect(world.core.memory.bytes - bytes).toBeGreaterThan(15_000);
    client.drop();
    const other = world.connect({ clientId: 'other', will: willOf() });
    other.send(publishPacket({ topicName: 'a/b', isRetained: true }));
    other.send(publishPacket({ topicName: 'a/d', qos: 1, packetId: 1 }));
    other.channel.isFrozen = true;
    other.drop();
    world.advance(2_000);
    const { memory, router } = world.core;
    expect(memory.bytes - router.cachedBytes).toBe(bytes);
  });
});

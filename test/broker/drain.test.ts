import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { AuthMethods } from '../../src/broker/authentication.ts';
import type { Farewell } from '../../src/broker/drain.ts';
import { MemoryBackend } from '../../src/broker/memory-backend.ts';
import { BrokerWorld, connectPacket, type TestClient } from '../support/broker-world.ts';
import { LEVELS, outcome, willOf } from '../support/conformance.ts';

function drain(world: BrokerWorld, farewell: Farewell = {}): { isDone: boolean } {
  const result = { isDone: false };
  world.broker.shutDown(() => {
    result.isDone = true;
  }, farewell);
  world.settle();
  return result;
}

function clients(world: BrokerWorld, count: number): TestClient[] {
  return Array.from({ length: count }, (_, n) => world.connect({ clientId: `c${n}` }));
}

function goneCount(all: readonly TestClient[]): number {
  return all.filter(({ isClosed }) => isClosed).length;
}

describe('at once', () => {
  it('tells clients of 5.0 why, with DISCONNECT 0x8B, and closes the others [trap 86]', () => {
    const world = new BrokerWorld();
    const all = LEVELS.map((level) => world.connect({ clientId: `v${level}`, level }));
    expect(drain(world).isDone).toBe(true);
    expect(all.map(outcome)).toEqual(['closed', 'closed', 'disconnect 0x8b']);
    expect(all[2]?.last).toMatchObject({
      properties: { reasonString: 'the broker is shutting down' },
    });
  });

  it('names another server with 0x9C, where there is one', () => {
    const world = new BrokerWorld();
    const [five, four] = [world.connect(), world.connect({ clientId: 'c4', level: 4 })];
    drain(world, { serverReference: 'b.example:1883' });
    expect(five.last).toMatchObject({
      type: 'disconnect',
      reasonCode: 0x9c,
      properties: { serverReference: 'b.example:1883' },
    });
    expect(outcome(four)).toBe('closed');
  });

  it('names it even to who has no room for a reason, or wants none', () => {
    const world = new BrokerWorld();
    const small = world.connect({ clientId: 'a', properties: { maximumPacketSize: 20 } });
    const curt = world.connect({ clientId: 'b', properties: { requestProblemInformation: 0 } });
    drain(world, { serverReference: 'b:1' });
    for (const client of [small, curt]) {
      expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x9c });
      expect(client.last).toHaveProperty('properties', { serverReference: 'b:1' });
    }
  });

  it('closes connections that have said nothing, and refuses those that are being judged', () => {
    const authMethods: AuthMethods = new Map([
      ['ask', () => ({ next: (_data, answer) => answer({ kind: 'continue', data: undefined }) })],
    ]);
    const world = new BrokerWorld({}, (host) => new MemoryBackend(host), authMethods);
    const silent = world.open();
    const unproven = world.connect({ properties: { authenticationMethod: 'ask' } });
    drain(world);
    expect([outcome(silent), outcome(unproven)]).toEqual(['closed', 'connack 0x88']);
  });

  it('is nobody to blame for: the log has no warning', () => {
    const world = new BrokerWorld();
    world.connect();
    drain(world);
    expect(world.events.at(-1)).toMatchObject({ level: 'info', event: 'disconnect' });
  });
});

describe('spread over a time', () => {
  it('sends clients away one by one, in the order in which they came', () => {
    const world = new BrokerWorld();
    const all = clients(world, 10);
    const result = drain(world, { spreadMs: 10_000 });
    const gone = [goneCount(all)];
    for (let second = 1; second < 10; second += 1) {
      world.advance(1);
      gone.push(goneCount(all));
      expect(all[second]?.isClosed).toBe(true);
    }
    expect(gone).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(result.isDone).toBe(true);
  });

  it('lets those who stay go on meanwhile', () => {
    const world = new BrokerWorld();
    const [first, second] = clients(world, 2);
    drain(world, { spreadMs: 10_000 });
    second?.take();
    second?.send({ type: 'pingreq' });
    expect([first?.isClosed, second?.last]).toEqual([true, { type: 'pingresp' }]);
  });

  it('publishes the wills of those who go first to those who are still there [trap 22]', () => {
    const world = new BrokerWorld();
    world.connect({ clientId: 'a', will: willOf() });
    const watcher = world.subscriber('will');
    drain(world, { spreadMs: 10_000 });
    expect([watcher.payloads, watcher.isClosed]).toEqual([['gone'], false]);
    world.advance(10);
    expect(outcome(watcher)).toBe('disconnect 0x8b');
  });

  it('leaves wills alone that wait for sessions which go on [MQTT-3.1.2-8]', () => {
    const world = new BrokerWorld();
    const will = willOf({ properties: { willDelayInterval: 60 } });
    world.connect({ clientId: 'kept', will, properties: { sessionExpiryInterval: 100 } });
    world.connect({ clientId: 'ended', will });
    const watcher = world.subscriber('will');
    drain(world, { spreadMs: 3_000 });
    world.advance(2);
    expect(watcher.payloads).toEqual(['gone']);
  });

  it('goes in steps of several where there are very many', () => {
    const world = new BrokerWorld();
    const all = clients(world, 500);
    drain(world, { spreadMs: 1_000 });
    expect([goneCount(all), world.alarmMs]).toEqual([1, world.nowMs + 10]);
    world.advance(0.01);
    expect(goneCount(all)).toBe(6);
    world.advance(1);
    expect(goneCount(all)).toBe(500);
  });

  it.each([
    [5, {}, 'connack 0x88'],
    [5, { serverReference: 'b:1' }, 'connack 0x9c'],
    [4, {}, 'connack 0x03'],
    [3, { serverReference: 'b:1' }, 'connack 0x03'],
  ] as const)('accepts no CONNECT of level %i any more: %o', (level, farewell, expected) => {
    const world = new BrokerWorld();
    clients(world, 2);
    const late = world.open();
    late.level = level;
    drain(world, { ...farewell, spreadMs: 10_000 });
    late.send(connectPacket({ level, clientId: 'late' }));
    expect(outcome(late)).toBe(expected);
    if (late.last?.type !== 'connack') throw new Error('there was a CONNACK');
    const given = level === 5 && 'serverReference' in farewell ? 'b:1' : undefined;
    expect(late.last.properties.serverReference).toBe(given);
  });

  it('waits for who says nothing until the time has passed, and no longer', () => {
    const world = new BrokerWorld();
    const silent = world.open();
    const result = drain(world, { spreadMs: 5_000 });
    world.advance(4);
    expect([silent.isClosed, result.isDone]).toEqual([false, false]);
    world.advance(1);
    expect([silent.isClosed, result.isDone]).toEqual([true, true]);
  });

  it('is done when all have left by themselves', () => {
    const world = new BrokerWorld();
    const [first, second] = clients(world, 2);
    const result = drain(world, { spreadMs: 5_000 });
    second?.drop();
    expect([first?.isClosed, result.isDone]).toEqual([true, true]);
  });

  it('is done at once where nobody is connected', () => {
    expect(drain(new BrokerWorld(), { spreadMs: 5_000 }).isDone).toBe(true);
  });
});

it('flushes what clients have not taken yet, for two seconds', () => {
  const world = new BrokerWorld();
  const slow = world.subscriber('t');
  slow.channel.isFrozen = true;
  slow.channel.isLingering = true;
  const payload = Buffer.from('x');
  const publisher = world.connect({ clientId: 'p' });
  const message = { qos: 0, isDuplicate: false, isRetained: false, packetId: undefined } as const;
  publisher.send({ type: 'publish', ...message, topicName: 't', payload, properties: {} });
  const result = drain(world);
  world.advance(1.9);
  expect([slow.isClosed, result.isDone]).toEqual([false, false]);
  world.advance(0.1);
  expect([slow.isClosed, result.isDone]).toEqual([true, true]);
});

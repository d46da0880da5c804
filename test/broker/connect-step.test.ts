import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, connectPacket, subscribePacket } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };
const WILL = {
  topicName: 'will',
  payload: Buffer.from('gone'),
  qos: 0,
  isRetained: false,
  properties: {},
} as const;

describe('over a backend that takes its time', () => {
  it('sends nothing before CONNACK, and does what came behind CONNECT then [MQTT-3.2.0-1]', () => {
    const { backend, world } = heldWorld();
    const client = world.open();
    const subscribe = subscribePacket([{ topicFilter: 'a/b' }]);
    client.send(connectPacket(), subscribe, publishPacket({ payload: Buffer.from('x') }));
    client.send({ type: 'pingreq' });
    expect([client.received, client.channel.isPaused]).toEqual([[], true]);
    backend.next('claim');
    world.settle();
    expect([client.received, client.channel.isPaused]).toEqual([[], true]);
    backend.next('saveMeta');
    world.settle();
    expect(client.take().map(({ type }) => type)).toEqual(['connack', 'pingresp']);
    expect(client.channel.isPaused).toBe(false);
    backend.drain();
    world.settle();
    expect(client.received.map(({ type }) => type)).toEqual(['suback', 'publish']);
  });

  it('gives back a client id that nobody waits for any more', () => {
    const { backend, world } = heldWorld();
    const client = world.connect({ clientId: 'c', will: WILL });
    client.drop();
    backend.drain();
    expect(backend.released).toEqual(['c 1 offline']);
    expect([world.core.sessions.size, world.core.connections.size]).toEqual([0, 0]);
  });

  it('keeps the id for a session that has it when a second client does not wait', () => {
    const { backend, world } = heldWorld({}, 'saveMeta');
    world.connect({ clientId: 'c' });
    backend.next('claim');
    world.connect({ clientId: 'c' }).drop();
    backend.next('claim');
    expect(backend.released).toEqual([]);
  });

  it('lets no will of a client go out that was never accepted', () => {
    const { backend, world } = heldWorld({}, 'claim', 'deliver');
    const client = world.connect({ clientId: 'c', will: WILL, properties: KEPT });
    const watcher = world.connect({ clientId: 'w' });
    backend.tasks.reverse();
    backend.next('saveMeta');
    watcher.send(subscribePacket([{ topicFilter: 'will' }]));
    client.drop();
    backend.drain();
    world.settle();
    expect(watcher.messages).toEqual([]);
    expect(world.core.sessions.find('c')?.will).toBeUndefined();
  });

  it('takes over from a client that is not accepted yet, and answers the newer one alone', () => {
    const { backend, world } = heldWorld({}, 'claim');
    const [old, young] = [world.connect(), world.connect({ isCleanStart: false })];
    backend.drain();
    world.settle();
    expect([old.received, old.isClosed]).toEqual([[], true]);
    expect(connackOf(young)).toMatchObject({ reasonCode: 0 });
    expect(backend.released).toEqual([]);
  });

  it.each([
    ['claim', []],
    ['saveMeta', ['claim']],
  ] as const)('refuses with 0x88 if %s fails, and no file is named', (what, free) => {
    const { backend, world } = heldWorld({}, ...free);
    const five = world.connect({ clientId: 'a', will: WILL });
    const four = world.connect({ clientId: 'b', level: 4 });
    backend.next(what, new Error('ENOSPC /var/lib/x'));
    backend.next(what, new Error('ENOSPC /var/lib/x'));
    world.settle();
    const reasonString = 'the state cannot be kept';
    expect(five.received).toMatchObject([{ reasonCode: 0x88, properties: { reasonString } }]);
    expect(four.received).toMatchObject([{ type: 'connack', reasonCode: 3 }]);
    expect([five.isClosed, four.isClosed]).toEqual([true, true]);
    expect(world.events[0]?.fields).toMatchObject({ cause: 'ENOSPC /var/lib/x' });
  });

  it('gives up if the verdict does not come in time, however late CONNECT came', () => {
    const { backend, world } = heldWorld({ connectTimeoutMs: 5_000 });
    const client = world.open();
    world.advance(3);
    client.send(connectPacket());
    world.advance(2);
    expect(client.received).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
    backend.drain();
    world.settle();
    expect([client.received.length, world.core.sessions.size]).toEqual([1, 0]);
  });
});

describe('limits', () => {
  it('refuses a client beyond those that may be connected', () => {
    const world = new BrokerWorld({ connectionsMax: 1 });
    world.connect({ clientId: 'a' });
    expect(connackOf(world.connect({ clientId: 'b' })).reasonCode).toBe(0x97);
    expect(connackOf(world.connect({ clientId: 'c', level: 4 })).reasonCode).toBe(3);
  });

  it('refuses a session beyond those that may be kept, but not one that goes on', () => {
    const world = new BrokerWorld({ sessionsMax: 1 });
    world.connect({ clientId: 'a', properties: KEPT }).drop();
    expect(connackOf(world.connect({ clientId: 'b' })).reasonCode).toBe(0x97);
    expect(connackOf(world.connect({ clientId: 'a' })).reasonCode).toBe(0);
  });

  it('refuses a will to a topic with too many levels', () => {
    const world = new BrokerWorld({ topicSlashesMax: 1 });
    const will = { ...WILL, topicName: 'a/b/c' };
    expect(connackOf(world.connect({ clientId: 'a', will })).reasonCode).toBe(0x90);
    expect(world.connect({ clientId: 'b', will, level: 4 })).toMatchObject({
      received: [],
      isClosed: true,
    });
  });

  it('says no more of a foreign text than it should', () => {
    const world = new BrokerWorld();
    const properties = { authenticationMethod: '\u0001'.repeat(65_000) };
    const client = world.connect({ properties });
    expect(connackOf(client).reasonCode).toBe(0x8c);
    expect(connackOf(client).properties.reasonString?.length).toBeLessThan(600);
  });
});

it('logs whom it accepts, and how', () => {
  const world = new BrokerWorld();
  const first = world.connect({ clientId: 'c', userName: 'u', properties: KEPT });
  first.drop();
  world.connect({ clientId: 'c', isCleanStart: false, keepAliveSeconds: 7, level: 4 });
  const [connect, , resumed] = world.events;
  expect(connect).toMatchObject({
    event: 'connect',
    fields: { client: 'c', user: 'u', version: '5', clean: 1, expiry: 100, session: 'new' },
  });
  expect(resumed?.fields).toMatchObject({ version: '3.1.1', keepalive: 7, session: 'resumed' });
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { StorageFullError } from '../../src/broker/backend.ts';
import { connackOf, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';
import { SurvivingWorld } from '../support/surviving-world.ts';

const KEPT = { sessionExpiryInterval: 100 };

function resume(world: SurvivingWorld, over = {}): TestClient {
  return world.connect({ clientId: 's', isCleanStart: false, properties: KEPT, ...over });
}

function subscriber(world: SurvivingWorld, filter = 'a/b', qos: 0 | 1 | 2 = 2, over = {}) {
  return world.subscriber(filter, qos, { clientId: 's', properties: KEPT, ...over });
}

function publish(world: SurvivingWorld, qos: 0 | 1 | 2, ...texts: string[]): TestClient {
  const client = world.connect({ clientId: 'p' });
  for (const [n, text] of texts.entries()) {
    const packetId = qos === 0 ? undefined : n + 1;
    client.send(publishPacket({ qos, packetId, payload: Buffer.from(text) }));
  }
  return client;
}

function will(delaySeconds: number, over = {}) {
  const payload = Buffer.from('gone');
  const properties = { willDelayInterval: delaySeconds };
  return { topicName: 'w', payload, qos: 1, isRetained: false, properties, ...over } as const;
}

const WATCHER = {
  clientId: 'watcher',
  isCleanStart: false,
  properties: { sessionExpiryInterval: 10_000 },
} as const;

/** Who gets the wills, also those that come while it is away. */
function watch(world: SurvivingWorld): TestClient {
  const watcher = world.connect(WATCHER);
  watcher.send(subscribePacket([{ topicFilter: 'w', qos: 1, retainHandling: 2 }]));
  return watcher;
}

describe('a broker that is started on what another one has kept', () => {
  it('goes on with a session, its subscriptions and all their options', () => {
    const before = new SurvivingWorld();
    const client = before.connect({ clientId: 's', properties: KEPT });
    const options = { isNoLocal: true, isRetainAsPublished: true, retainHandling: 2 } as const;
    const properties = { subscriptionIdentifier: [7] };
    client.send(subscribePacket([{ topicFilter: 'a/b', qos: 1, ...options }], { properties }));
    const world = before.restart(5);
    const [subscription] = world.core.sessions.find('s')?.subscriptions.values() ?? [];
    expect(subscription).toMatchObject({ qos: 1, ...options, identifier: 7 });
    const back = resume(world);
    expect(connackOf(back).isSessionPresent).toBe(true);
    publish(world, 2, 'x');
    back.send(publishPacket({ payload: Buffer.from('its own') }));
    expect(back.messages).toMatchObject([{ qos: 1, properties }]);
  });

  it('knows which text means a group', () => {
    const before = new SurvivingWorld({ sharesBefore5: false });
    const share = subscribePacket([{ topicFilter: '$share/g/a/b', qos: 1 }]);
    before.connect({ clientId: 's', properties: KEPT }).send(share);
    before.connect({ clientId: 'old', level: 4, isCleanStart: false, properties: {} }).send(share);
    const world = before.restart();
    const [five, old] = ['s', 'old'].map((id) => world.core.sessions.find(id)?.subscriptions);
    expect(five?.get('$share/g/a/b')?.target).toEqual({ filter: 'a/b', shareName: 'g' });
    expect(old?.get('$share/g/a/b')?.target).toMatchObject({ shareName: undefined });
  });

  it('knows nothing of a session that has ended with its connection, or by a clean start', () => {
    const before = new SurvivingWorld();
    before.connect({ clientId: 'short' }).send(subscribePacket([{ topicFilter: 'a' }]));
    subscriber(before).drop();
    before.connect({ clientId: 's' });
    const world = before.restart();
    expect([world.core.sessions.size, world.core.router.subscriptionCount]).toEqual([0, 0]);
  });

  it('repeats what is in flight under its id, then sends what has waited [MQTT-4.4.0-1]', () => {
    const before = new SurvivingWorld({ inflightMax: 3 });
    const client = subscriber(before);
    publish(before, 2, '1', '2', '3', '4', '5');
    client.send(ackPacket('pubrec', 1));
    client.send(ackPacket('pubrec', 2), ackPacket('pubcomp', 2));
    expect(client.payloads).toEqual(['1', '2', '3', '4']);
    const back = resume(before.restart());
    expect(back.take().slice(1)).toMatchObject([
      { type: 'pubrel', packetId: 1 },
      { type: 'publish', packetId: 3, isDuplicate: true },
      { type: 'publish', packetId: 4, isDuplicate: true },
    ]);
    back.send(ackPacket('pubcomp', 1));
    expect(back.take()).toMatchObject([{ type: 'publish', packetId: 5, isDuplicate: false }]);
  });

  it('keeps the order of what waited, and puts what comes behind it [MQTT-4.6.0-6]', () => {
    const before = new SurvivingWorld({ queueMessagesMax: 3 });
    subscriber(before).drop();
    publish(before, 1, '1', '2', '3', '4');
    const world = before.restart();
    publish(world, 1, '5');
    expect(resume(world).payloads).toEqual(['3', '4', '5']);
  });

  it('takes no QoS 2 message twice, and ends those that are released [MQTT-4.3.3-10]', () => {
    const before = new SurvivingWorld();
    subscriber(before).drop();
    const sent = publishPacket({ qos: 2, packetId: 9, payload: Buffer.from('once') });
    before.connect({ clientId: 'p', properties: KEPT }).send(sent);
    const world = before.restart();
    const publisher = resume(world, { clientId: 'p' });
    publisher.send({ ...sent, isDuplicate: true }, ackPacket('pubrel', 9));
    expect(publisher.take().slice(1)).toMatchObject([
      { type: 'pubrec', packetId: 9, reasonCode: 0 },
      { type: 'pubcomp', packetId: 9, reasonCode: 0 },
    ]);
    expect(resume(world.restart()).payloads).toEqual(['once']);
    expect(world.restart().core.sessions.find('p')?.inbound.heldCount).toBe(0);
  });

  it('has the retained messages, but for those that were cleared or have expired', () => {
    const before = new SurvivingWorld();
    const client = before.connect();
    const retain = (topicName: string, text: string, properties = {}) =>
      publishPacket({ topicName, isRetained: true, payload: Buffer.from(text), properties });
    client.send(retain('1', 'old'), retain('1', 'new'), retain('2', 'x'), retain('2', ''));
    client.send(retain('3', 'short', { messageExpiryInterval: 5 }));
    client.send(retain('4', 'long', { messageExpiryInterval: 50 }));
    const world = before.restart(20);
    const asking = world.connect();
    asking.send(subscribePacket([{ topicFilter: '#' }]));
    expect(asking.payloads.sort()).toEqual(['long', 'new']);
    const long = asking.messages.find(({ topicName }) => topicName === '4');
    expect(long?.properties).toEqual({ messageExpiryInterval: 30 });
    world.advance(100);
    expect([...world.store.retained.keys()]).toEqual(['1']);
  });

  it('sends what has not expired meanwhile, with the time that is left [MQTT-3.3.2-6]', () => {
    const before = new SurvivingWorld();
    subscriber(before).drop();
    const expiring = (seconds: number, packetId: number) =>
      publishPacket({ qos: 1, packetId, properties: { messageExpiryInterval: seconds } });
    before.connect({ clientId: 'p' }).send(expiring(10, 1), expiring(40, 2));
    const back = resume(before.restart(30));
    expect(back.messages).toMatchObject([{ properties: { messageExpiryInterval: 10 } }]);
  });

  it('reads a payload that stays on the disk when it is sent, and not before', () => {
    const before = new SurvivingWorld();
    subscriber(before).drop();
    publish(before, 1, 'x'.repeat(1_000));
    const world = before.restart();
    const session = world.core.sessions.find('s');
    expect([world.store.readCount, session?.waitingCount]).toEqual([0, 1]);
    expect(session?.heldBytes).toBeLessThan(500);
    expect(resume(world).payloads).toEqual(['x'.repeat(1_000)]);
    expect(world.store.readCount).toBe(1);
  });

  it('counts such a payload in full where a queue is bounded', () => {
    const before = new SurvivingWorld({ queueMessagesMax: 0, queueBytesMax: 2_000 });
    subscriber(before).drop();
    publish(before, 1, 'x'.repeat(1_000));
    const world = before.restart();
    publish(world, 1, 'y'.repeat(800));
    expect(resume(world).payloads).toEqual(['y'.repeat(800)]);
    expect(world.store.readCount).toBe(0);
  });

  it('leaves nothing in memory of what it has restored, once that is over', () => {
    const before = new SurvivingWorld();
    subscriber(before, 'a/b', 2, { will: will(0) }).drop();
    publish(before, 2, '1', 'x'.repeat(1_000));
    const empty = new SurvivingWorld().core.memory.bytes;
    const world = before.restart();
    expect(world.core.memory.bytes).toBeGreaterThan(empty);
    world.advance(101);
    const { deadlines, memory, sessions } = world.core;
    expect([sessions.size, deadlines.size, memory.bytes]).toEqual([0, 0, empty]);
    expect(world.restart().core.sessions.size).toBe(0);
  });
});

describe('deadlines over restarts', () => {
  it('count a session from when its client left', () => {
    const before = new SurvivingWorld();
    subscriber(before).drop();
    before.advance(50);
    expect(resume(before.restart(49)).received).toMatchObject([{ isSessionPresent: true }]);
  });

  it('end a session that has expired meanwhile before anybody is accepted', () => {
    const before = new SurvivingWorld();
    watch(before).drop();
    subscriber(before, 'a/b', 2, { will: will(1_000) }).drop();
    const world = before.restart(101);
    expect(world.core.sessions.find('s')).toBeUndefined();
    expect(world.log).toContain('session_expired');
    expect(world.connect(WATCHER).payloads).toEqual(['gone']);
  });

  it('count from the first start for a client that was here, not from each', () => {
    const before = new SurvivingWorld();
    subscriber(before);
    const between = before.restart();
    between.advance(60);
    const world = between.restart(39);
    expect(world.core.sessions.find('s')).toBeDefined();
    world.advance(2);
    expect(world.core.sessions.find('s')).toBeUndefined();
  });

  it('never come for a session that is for ever', () => {
    const before = new SurvivingWorld();
    const properties = { sessionExpiryInterval: 0xffff_ffff };
    before.connect({ clientId: 's', properties });
    expect(before.restart(10 ** 9).core.sessions.size).toBe(1);
  });
});

describe('wills over restarts', () => {
  it('go out once their delay has passed, and once', () => {
    const before = new SurvivingWorld();
    watch(before);
    subscriber(before, 'a/b', 2, { will: will(30) }).drop();
    before.advance(10);
    const between = before.restart(10);
    const watcher = between.connect(WATCHER);
    between.advance(9);
    expect(watcher.payloads).toEqual([]);
    between.advance(2);
    expect(watcher.payloads).toEqual(['gone']);
    watcher.send(ackPacket('puback', watcher.messages[0]?.packetId ?? 0));
    const world = between.restart();
    world.advance(60);
    expect(world.connect(WATCHER).payloads).toEqual([]);
  });

  it('go out at the start for those who were here, and have no session [MQTT-3.1.2-8]', () => {
    const before = new SurvivingWorld();
    watch(before).drop();
    before.connect({ clientId: 'c', will: will(0, { isRetained: true }) });
    const world = before.restart();
    expect([world.core.router.retainedCount, world.core.sessions.size]).toEqual([1, 1]);
    expect(world.log).not.toContain('session_expired');
    expect(world.connect(WATCHER).payloads).toEqual(['gone']);
    world.advance(1);
    expect(world.restart().core.sessions.find('watcher')?.waitingCount).toBe(1);
  });

  it('do not go out for a client that has said goodbye [MQTT-3.14.4-3]', () => {
    const before = new SurvivingWorld();
    watch(before).drop();
    const client = before.connect({ clientId: 'c', will: will(0), properties: KEPT });
    client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
    const world = before.restart(200);
    expect(world.connect(WATCHER).payloads).toEqual([]);
  });
});

describe('a disk that takes its time', () => {
  it('has CONNACK, SUBACK and the acks wait for what they promise', () => {
    const world = new SurvivingWorld();
    const client = subscriber(world, 'a/b', 1);
    world.isDiskStuck = true;
    const other = world.connect({ clientId: 'o', properties: KEPT });
    client.send(
      publishPacket({ qos: 1, packetId: 1 }),
      publishPacket({ qos: 2, packetId: 2 }),
      subscribePacket([{ topicFilter: 'b' }], { packetId: 3 }),
    );
    expect(other.received).toEqual([]);
    expect(client.take().map(({ type }) => type)).toEqual(['publish', 'publish']);
    world.isDiskStuck = false;
    world.settle();
    expect(other.received).toMatchObject([{ type: 'connack' }]);
    expect(client.take().map(({ type }) => type)).toEqual(['puback', 'pubrec', 'suback']);
  });

  it('costs nothing where nobody asks for what is kept', () => {
    const world = new SurvivingWorld();
    subscriber(world, 'a/b', 0);
    world.isDiskStuck = true;
    const client = world.connect({ clientId: 'p' });
    client.send(publishPacket({ qos: 1, packetId: 1 }));
    client.send(subscribePacket([{ topicFilter: 'a/b' }], { packetId: 2 }));
    expect(client.received.map(({ type }) => type)).toEqual(['connack', 'puback', 'suback']);
  });

  it('loses what was not kept when the broker is killed, and nothing that was answered', () => {
    const before = new SurvivingWorld();
    subscriber(before).drop();
    publish(before, 1, 'kept');
    before.isDiskStuck = true;
    const publisher = publish(before, 1, 'lost');
    expect(publisher.received).toMatchObject([{ type: 'connack' }]);
    expect(resume(before.restart()).payloads).toEqual(['kept']);
  });
});

describe('a disk that is full', () => {
  const FULL = new StorageFullError('no space left on the device');

  it('has messages refused with 0x97, and their ids freed [MQTT-4.3.3-9]', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'safe', 'mark');
    const client = world.connect({ clientId: 'p', properties: KEPT });
    client.send(publishPacket({ qos: 1, packetId: 1 }), publishPacket({ qos: 2, packetId: 2 }));
    backend.next('deliver', FULL);
    backend.next('deliver', FULL);
    world.settle();
    expect(client.received.slice(1)).toMatchObject([
      { type: 'puback', packetId: 1, reasonCode: 0x97 },
      { type: 'pubrec', packetId: 2, reasonCode: 0x97 },
    ]);
    expect(world.core.sessions.find('p')?.inbound.heldCount).toBe(0);
  });

  it('has the connection closed where an ack cannot say so, and DISCONNECT says it', () => {
    const { backend, world } = heldWorld({}, 'claim', 'safe', 'mark');
    const [old, five] = [4, 5].map((level) => {
      const client = world.connect({ clientId: `c${level}`, level: level as 4 | 5 });
      backend.next('saveMeta');
      world.settle();
      client.take();
      return client;
    });
    old?.send(publishPacket({ qos: 1, packetId: 1 }));
    backend.next('deliver', FULL);
    five?.send(subscribePacket([{ topicFilter: 'a' }]));
    backend.next('saveMeta', FULL);
    world.settle();
    expect([old?.isClosed, old?.received]).toEqual([true, []]);
    expect(five?.received).toMatchObject([{ type: 'disconnect', reasonCode: 0x97 }]);
  });

  it('has CONNECT refused with 0x97', () => {
    const { backend, world } = heldWorld({}, 'claim');
    const client = world.connect({ properties: KEPT });
    backend.next('saveMeta', FULL);
    world.settle();
    expect(client.received).toMatchObject([{ type: 'connack', reasonCode: 0x97 }]);
  });
});

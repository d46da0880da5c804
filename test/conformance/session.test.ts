import { describe, expect, it } from 'vitest';
import {
  BrokerWorld,
  connackOf,
  subscribePacket,
  type TestClient,
} from '../support/broker-world.ts';
import { KEPT, LEVELS, message, outcome, publish, willOf } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

function keep(world: BrokerWorld, sessionExpiryInterval = 1_000): TestClient {
  const client = world.connect({ clientId: 's', properties: { sessionExpiryInterval } });
  client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
  return client;
}

function resume(world: BrokerWorld, over = {}): TestClient {
  return world.connect({ clientId: 's', isCleanStart: false, properties: KEPT, ...over });
}

describe('a session that is kept', () => {
  it(
    'goes on with Clean Start 0: subscriptions, messages [MQTT-3.1.2-5] [MQTT-3.1.2-23] ' +
      '[MQTT-3.1.3-2] [MQTT-4.5.0-1]',
    () => {
      const world = new BrokerWorld();
      keep(world).drop();
      publish(world, message('1', { qos: 1 }), message('2', { qos: 2 }), message('0'));
      const client = resume(world);
      expect(client.payloads).toEqual(['1', '2']);
      publish(world, message('3'));
      expect(client.payloads).toEqual(['1', '2', '3']);
    },
  );

  it('ends with Clean Start 1 [MQTT-3.1.2-4] [MQTT-3.1.2-6] [MQTT-3.1.4-4]', () => {
    const world = new BrokerWorld();
    keep(world).drop();
    publish(world, message('1', { qos: 1 }));
    const client = resume(world, { isCleanStart: true });
    publish(world, message('2', { qos: 1 }));
    expect(client.messages).toEqual([]);
    expect(connackOf(client).isSessionPresent).toBe(false);
  });

  it('is begun with Clean Start 0 where there is none [MQTT-3.1.2-6]', () => {
    const world = new BrokerWorld();
    expect(connackOf(resume(world))).toMatchObject({ reasonCode: 0, isSessionPresent: false });
  });

  it(
    'keeps QoS 1 and 2 for a client of 3.1.1 that is away [311:3.1.2-4] [311:3.1.2-5] ' +
      '[311:4.1.0-1] [311:4.5.0-1] [311:3.1.4-3] [311:3.1.3-2]',
    () => {
      const world = new BrokerWorld();
      const over = { clientId: 's', level: 4, isCleanStart: false } as const;
      const client = world.connect(over);
      client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
      client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
      publish(world, message('1', { qos: 1 }), message('2', { qos: 2 }));
      expect(world.connect(over).payloads).toEqual(['1', '2']);
    },
  );

  it('is never the one of a clean session before it [311:3.1.2-6] [trap 28]', () => {
    const world = new BrokerWorld();
    world.subscriber('t', 1, { clientId: 's', level: 4, isCleanStart: true }).drop();
    publish(world, message('1', { qos: 1 }));
    const client = world.connect({ clientId: 's', level: 4, isCleanStart: false });
    expect([connackOf(client).isSessionPresent, client.messages]).toEqual([false, []]);
  });

  it('ends with a clean session of 3.1.1 or 3.1 [311:3.1.2-6] [311:3.1.4-3]', () => {
    for (const level of [3, 4] as const) {
      const world = new BrokerWorld();
      const over = { clientId: 's', level, isCleanStart: false };
      world.subscriber('t', 1, over).drop();
      publish(world, message('1', { qos: 1 }));
      const clean = world.connect({ ...over, isCleanStart: true });
      publish(world, message('2', { qos: 1 }));
      clean.drop();
      const again = world.connect(over);
      expect([clean.messages, again.messages]).toEqual([[], []]);
      expect(connackOf(again).isSessionPresent).toBe(false);
    }
  });

  it('is one for all versions [MQTT-3.1.3-2] [trap 29]', () => {
    const world = new BrokerWorld();
    world.subscriber('t', 1, { clientId: 's', level: 4, isCleanStart: false }).drop();
    publish(world, message('1', { qos: 1 }));
    const five = resume(world);
    expect(five.payloads).toEqual(['1']);
    five.send(ackPacket('puback', 1));
    five.drop();
    publish(world, message('2', { qos: 1 }));
    expect(resume(world, { level: 3, properties: {} }).payloads).toEqual(['2']);
  });
});

describe('Session Expiry', () => {
  it('counts from the close of the connection, and anew with each [MQTT-4.1.0-2] [trap 27]', () => {
    const world = new BrokerWorld();
    const client = keep(world, 10);
    world.advance(100);
    client.drop();
    world.advance(9);
    const again = resume(world, { properties: { sessionExpiryInterval: 10 } });
    expect(connackOf(again).isSessionPresent).toBe(true);
    again.drop();
    world.advance(11);
    expect(world.core.sessions.size).toBe(0);
    expect(connackOf(resume(world)).isSessionPresent).toBe(false);
  });

  it('ends no session while its connection is open [MQTT-4.1.0-1] [311:4.1.0-2]', () => {
    const world = new BrokerWorld();
    const client = keep(world, 1);
    world.advance(1_000_000);
    const clean = ([3, 4] as const).map((level) =>
      world.subscriber('t', 0, { clientId: `v${level}`, level }),
    );
    world.advance(1_000_000);
    publish(world, message('1'));
    for (const { payloads } of [client, ...clean]) expect(payloads).toEqual(['1']);
  });

  it('ends the session with the connection where it is 0 or absent', () => {
    const world = new BrokerWorld();
    keep(world, 0).drop();
    world.connect({ clientId: 'x' }).drop();
    expect(world.core.sessions.size).toBe(0);
  });

  it('0xFFFFFFFF never comes [MQTT-3.1.2-23] [trap 26]', () => {
    const world = new BrokerWorld({ sessionExpirySecondsMax: 0xffff_ffff });
    keep(world, 0xffff_ffff).drop();
    world.advance(10_000_000_000);
    expect(connackOf(resume(world)).isSessionPresent).toBe(true);
  });

  it('bears any number of seconds [trap 26]', () => {
    const world = new BrokerWorld({ sessionExpirySecondsMax: 0xffff_ffff });
    keep(world, 0xffff_fffe).drop();
    world.advance(0xffff_fffd);
    expect(world.core.sessions.size).toBe(1);
    world.advance(2);
    expect(world.core.sessions.size).toBe(0);
  });

  it('may be changed by DISCONNECT, but not raised from 0 [trap 24]', () => {
    const world = new BrokerWorld();
    const leave = (client: TestClient, sessionExpiryInterval: number): void =>
      client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval } });
    leave(keep(world, 10), 0);
    expect(world.core.sessions.size).toBe(0);
    leave(keep(world, 10), 100);
    world.advance(50);
    expect(world.core.sessions.size).toBe(1);
    const watcher = world.subscriber('will');
    const client = world.connect({ clientId: 'w', will: willOf() });
    leave(client, 10);
    expect(outcome(client)).toBe('disconnect 0x82');
    expect(watcher.payloads).toEqual(['gone']);
    expect(world.core.sessions.find('w')).toBeUndefined();
  });
});

describe('takeover', () => {
  it('ends the old connection with 0x8E, and the session goes on [MQTT-3.1.4-3] [trap 16]', () => {
    const world = new BrokerWorld();
    const old = keep(world);
    const young = resume(world);
    expect(outcome(old)).toBe('disconnect 0x8e');
    expect(connackOf(young).isSessionPresent).toBe(true);
    publish(world, message('1'));
    expect([old.payloads, young.payloads]).toEqual([[], ['1']]);
  });

  it.each([3, 4] as const)(
    'closes the old connection of level %i [311:3.1.4-2] [V31-31] [trap 16]',
    (level) => {
      const world = new BrokerWorld();
      const old = world.connect({ level });
      const young = world.connect({ level });
      expect([outcome(old), outcome(young)]).toEqual(['closed', 'open']);
    },
  );

  it('reads nothing any more of the old connection', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t');
    const old = keep(world);
    old.channel.isLingering = true;
    resume(world);
    old.send(message('late'));
    expect(watcher.messages).toEqual([]);
  });
});

it('sends nothing retained because a session goes on [trap 68]', () => {
  const world = new BrokerWorld();
  keep(world).drop();
  publish(world, message('1', { isRetained: true }));
  expect(resume(world).messages).toEqual([]);
});

describe('what was not finished', () => {
  it.each(LEVELS)(
    'is sent again at level %i when the session goes on, under its id, in order, with DUP ' +
      '[MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.3.2-3] [MQTT-4.3.3-3] [MQTT-4.3.3-5] ' +
      '[MQTT-4.3.3-6] [311:4.4.0-1] [311:3.3.1-1] [311:4.6.0-1] [trap 58]',
    (level) => {
      const world = new BrokerWorld();
      const properties = level === 5 ? KEPT : {};
      const connect = (): TestClient => resume(world, { level, properties });
      const client = connect();
      client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
      publish(
        world,
        message('1', { qos: 1 }),
        message('2', { qos: 2 }),
        message('3', { qos: 2, packetId: 2 }),
      );
      const ids = client.messages.map(({ packetId }) => packetId);
      client.send(ackPacket('pubrec', ids[1] ?? 0));
      client.drop();
      const again = connect();
      expect(again.received.slice(1)).toMatchObject([
        { type: 'pubrel', packetId: ids[1] },
        { type: 'publish', packetId: ids[0], isDuplicate: true, qos: 1 },
        { type: 'publish', packetId: ids[2], isDuplicate: true, qos: 2 },
      ]);
      again.send(ackPacket('pubcomp', ids[1] ?? 0), ackPacket('puback', ids[0] ?? 0));
      again.drop();
      expect(connect().received.slice(1)).toMatchObject([{ packetId: ids[2] }]);
    },
  );

  it('is sent again at no other time [MQTT-4.4.0-1] [trap 58]', () => {
    const world = new BrokerWorld();
    const client = keep(world);
    publish(world, message('1', { qos: 1 }));
    world.advance(100_000);
    expect(client.messages).toHaveLength(1);
    const fresh = resume(world, { isCleanStart: true });
    expect(fresh.messages).toEqual([]);
  });

  it('goes before what has waited, and that before what comes [trap 63]', () => {
    const world = new BrokerWorld();
    const client = keep(world);
    publish(world, message('1', { qos: 1 }));
    client.drop();
    publish(world, message('2', { qos: 1 }));
    const again = resume(world);
    publish(world, message('3', { qos: 1 }));
    expect(again.payloads).toEqual(['1', '2', '3']);
  });
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket, connackPacket, publishPacket, subscribePacket } from '../support/packets.ts';

const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];
const HOUR_MS = 3_600_000;

/** A client whose session outlives its connections. */
function keeping(session: ClientSession, level: ProtocolLevel = 5, connack = {}): ClientWorld {
  const properties = level === 5 ? { sessionExpiryInterval: 1_000 } : {};
  return ClientWorld.connected({ level, isCleanStart: false, properties }, connack, session);
}

function resumed(session: ClientSession, level: ProtocolLevel = 5, receiveMaximum = 65_535) {
  const properties = level === 5 ? { receiveMaximum } : {};
  return keeping(session, level, { isSessionPresent: level !== 3, properties });
}

describe.each(LEVELS)('a client of level %i', (level) => {
  it(
    'repeats what is not finished, in order, with its ids and DUP, until it is ' +
      '[MQTT-3.3.1-1] [MQTT-4.3.2-3] [MQTT-4.3.3-3] [MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-4.4.0-1] ' +
      '[MQTT-4.6.0-1] [MQTT-3.1.2-23] [311:3.3.1-1] [311:4.3.2-1] [311:4.3.3-1] [311:4.4.0-1] ' +
      '[311:4.6.0-1] [311:2.3.1-3] [311:3.1.2-4] [311:4.1.0-1] [V31-6] [V31-35] [trap 58]',
    () => {
      const session = new ClientSession(9);
      const first = keeping(session, level);
      for (const qos of [1, 2, 2, 1] as const) first.publish({ qos });
      first.receive(ackPacket('pubrec', 2), ackPacket('puback', 4));
      first.channel.close();
      const second = resumed(session, level);
      expect(second.sent()).toMatchObject([
        { type: 'pubrel', packetId: 2 },
        { type: 'publish', packetId: 1, isDuplicate: true, qos: 1 },
        { type: 'publish', packetId: 3, isDuplicate: true, qos: 2 },
      ]);
      second.receive(ackPacket('pubcomp', 2), ackPacket('puback', 1));
      second.channel.close();
      const third = resumed(session, level);
      expect(third.acksSent()).toEqual(['publish 3']);
      third.receive(ackPacket('pubrec', 3));
      expect(third.acksSent()).toEqual(['pubrel 3 0']);
    },
  );

  it('repeats at no other time [MQTT-4.4.0-1] [MQTT-4.1.0-1] [311:4.1.0-2] [trap 58]', () => {
    const world = ClientWorld.connected({ level, keepAliveSeconds: 0 });
    world.publish({ qos: 1 });
    world.publish({ qos: 2 });
    world.sent();
    world.pass(100 * HOUR_MS);
    expect(world.sent()).toEqual([]);
    world.receive(ackPacket('puback', 1), ackPacket('pubrec', 2));
    expect(world.acksSent()).toEqual(['pubrel 2 0']);
    expect(world.outcomes).toHaveLength(1);
  });

  it('answers each message under its id, by its QoS [311:2.3.1-6] [MQTT-2.2.1-5]', () => {
    const world = ClientWorld.connected({ level });
    world.receive(
      publishPacket(),
      publishPacket({ qos: 1, packetId: 65_535 }),
      publishPacket({ qos: 2, packetId: 3 }),
      ackPacket('pubrel', 3),
    );
    expect(world.acksSent()).toEqual(['puback 65535 0', 'pubrec 3 0', 'pubcomp 3 0']);
    world.publish({ qos: 2 });
    world.receive(ackPacket('pubrec', 1));
    expect(world.acksSent()).toEqual(['publish 1', 'pubrel 1 0']);
  });

  it(
    'takes an id that was finished for a new message, whatever DUP says [MQTT-4.3.2-5] ' +
      '[MQTT-4.3.3-12] [311:4.3.2-2] [311:4.3.3-2] [trap 56] [trap 59]',
    () => {
      const world = ClientWorld.connected({ level });
      const texts = (): string[] => world.messages.map(({ packet }) => packet.payload.toString());
      const message = (text: string, qos: 1 | 2, isDuplicate = false) =>
        publishPacket({ qos, packetId: 7, isDuplicate, payload: Buffer.from(text) });
      world.receive(message('1', 1), message('2', 1, true));
      world.receive(message('3', 2), message('3', 2, true), message('3', 2));
      world.receive(ackPacket('pubrel', 7), message('4', 2, true));
      expect(texts()).toEqual(['1', '2', '3', '4']);
    },
  );

  it('sends QoS 1 and 2 first without DUP [311:4.3.1-1] [311:4.3.2-1] [311:4.3.3-1]', () => {
    const world = ClientWorld.connected({ level });
    for (const qos of [0, 1, 2] as const) world.publish({ qos });
    expect(world.sent()).toMatchObject([
      { qos: 0, isDuplicate: false, packetId: undefined },
      { qos: 1, isDuplicate: false, packetId: 1 },
      { qos: 2, isDuplicate: false, packetId: 2 },
    ]);
  });

  it('uses no id twice at a time [MQTT-2.2.1-3] [311:2.3.1-2] [311:2.3.1-3]', () => {
    const world = ClientWorld.connected({ level, keepAliveSeconds: 0 });
    const { subscriptions } = subscribePacket();
    world.publish({ qos: 1 });
    world.connection.subscribe(subscriptions, {}, () => {});
    world.publish({ qos: 2 });
    world.connection.unsubscribe(['a'], {}, () => {});
    const ids = (): number[] =>
      world.sent().flatMap((packet) => ('packetId' in packet ? [packet.packetId ?? 0] : []));
    expect(ids()).toEqual([1, 2, 3, 4]);
    world.receive(ackPacket('puback', 1));
    // All ids once around: those that are in use are left out.
    for (let count = 0; count < 65_532; count += 1) {
      world.publish({ qos: 1 });
      const [id = 0] = ids();
      if ([0, 2, 3, 4].includes(id)) throw new Error(`${id} is in use`);
      world.receive(ackPacket('puback', id));
    }
    world.publish({ qos: 1 });
    expect(ids()).toEqual([5]);
  });
});

describe('a used-up quota', () => {
  it(
    'delays PUBLISH with QoS 1 and 2, and nothing else [MQTT-3.3.4-8] [MQTT-4.9.0-3] ' +
      '[MQTT-3.3.4-7] [trap 53]',
    () => {
      const connack = { properties: { receiveMaximum: 1 } };
      const world = ClientWorld.connected({ keepAliveSeconds: 10 }, connack);
      world.publish({ qos: 2 });
      expect([world.connection.hasRoom(1), world.connection.hasRoom(0)]).toEqual([false, true]);
      world.sent();
      world.publish();
      world.connection.subscribe(subscribePacket().subscriptions, {}, () => {});
      world.connection.unsubscribe(['a'], {}, () => {});
      world.receive(publishPacket({ qos: 1, packetId: 5 }), ackPacket('pubrec', 1));
      world.pass(10_000);
      expect(world.sent().map(({ type }) => type)).toEqual([
        'publish',
        'subscribe',
        'unsubscribe',
        'puback',
        'pubrel',
        'pingreq',
      ]);
      expect(world.connection.hasRoom(2)).toBe(false);
      world.receive(ackPacket('pubcomp', 1));
      expect(world.connection.hasRoom(2)).toBe(true);
    },
  );

  it('is free again after a refusal, of QoS 1 and 2 [MQTT-4.4.0-2] [trap 54]', () => {
    const connack = { properties: { receiveMaximum: 1 } };
    const session = new ClientSession(9);
    const world = keeping(session, 5, connack);
    for (const [qos, ack] of [
      [1, 'puback'],
      [2, 'pubrec'],
    ] as const) {
      world.publish({ qos });
      const [sent] = world.sent();
      if (sent?.type !== 'publish') throw new Error('nothing was published');
      world.receive(ackPacket(ack, sent.packetId ?? 0, 0x97));
      expect(world.sent()).toEqual([]);
      expect(world.connection.hasRoom(2)).toBe(true);
    }
    world.channel.close();
    expect(resumed(session).sent()).toEqual([]);
  });
});

it(
  'a message that expires is repeated, and finished, all the same [MQTT-4.3.3-7] ' +
    '[MQTT-4.3.3-13]',
  () => {
    const session = new ClientSession(9);
    const first = keeping(session);
    first.publish({ qos: 2, properties: { messageExpiryInterval: 1 } });
    first.pass(30_000);
    first.channel.close();
    const second = resumed(session);
    expect(second.sent()).toMatchObject([{ packetId: 1, isDuplicate: true }]);
    second.receive(ackPacket('pubrec', 1));
    expect(second.acksSent()).toEqual(['pubrel 1 0']);
    const properties = { messageExpiryInterval: 1 };
    second.receive(publishPacket({ qos: 2, packetId: 4, properties }));
    second.pass(30_000);
    second.receive(ackPacket('pubrel', 4));
    expect(second.acksSent()).toEqual(['pubrec 4 0', 'pubcomp 4 0']);
  },
);

it('takes every alias up to the maximum of its CONNECT [MQTT-3.3.2-10]', () => {
  const world = ClientWorld.connected({ properties: { topicAliasMaximum: 65_535 } });
  const aliases = [1, 2, 255, 256, 65_534, 65_535];
  for (const topicName of ['set', '']) {
    for (const topicAlias of aliases) {
      const topic = topicName === '' ? '' : `${topicName}/${topicAlias}`;
      world.receive(publishPacket({ topicName: topic, properties: { topicAlias } }));
    }
  }
  const topics = aliases.map((alias) => `set/${alias}`);
  expect(world.messages.map(({ packet }) => packet.topicName)).toEqual([...topics, ...topics]);
});

describe('the session of a client', () => {
  it(
    'ends with Clean Start 1: nothing of it goes on [MQTT-3.1.2-4] [311:3.1.2-6] [MQTT-3.1.3-2] ' +
      '[311:3.1.3-2]',
    () => {
      for (const level of [4, 5] as const) {
        const session = new ClientSession(9);
        const first = keeping(session, level);
        first.publish({ qos: 1 });
        first.receive(publishPacket({ qos: 2, packetId: 7 }));
        first.channel.close();
        const second = ClientWorld.connected({ level, isCleanStart: true }, {}, session);
        expect(second.sent()).toEqual([]);
        second.receive(publishPacket({ qos: 2, packetId: 7 }));
        expect(second.messages).toHaveLength(1);
        expect(first.outcomes).toEqual([{ kind: 'forgotten' }]);
      }
    },
  );

  it(
    'is forgotten where the server has none, before anything goes on [MQTT-3.2.2-5] ' + '[trap 14]',
    () => {
      const session = new ClientSession(9);
      const first = keeping(session);
      first.publish({ qos: 2 });
      first.receive(publishPacket({ qos: 2, packetId: 7 }));
      first.channel.close();
      const second = keeping(session, 5, { isSessionPresent: false });
      second.publish({ qos: 2 });
      expect(second.sent()).toMatchObject([{ type: 'publish', isDuplicate: false }]);
      second.receive(publishPacket({ qos: 2, packetId: 7, isDuplicate: true }));
      expect(second.messages).toHaveLength(1);
    },
  );

  it(
    'that a server has, and the client has not, ends the connection [MQTT-3.2.2-4] ' + '[trap 14]',
    () => {
      const world = new ClientWorld({ isCleanStart: false });
      world.connection.start();
      world.sent();
      world.receive(connackPacket({ isSessionPresent: true }));
      expect(world.sent()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
      expect(world.channel.closing).toBe('ended');
    },
  );
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];
const ANSWERED = { kind: 'answered', reasonCode: 0, reasonString: undefined };

/** A second connection on which the server still knows the session, or does not. */
function reconnected(session: ClientSession, isSessionPresent = true, receiveMaximum?: number) {
  const properties = receiveMaximum === undefined ? {} : { receiveMaximum };
  return ClientWorld.connected({ isCleanStart: false }, { isSessionPresent, properties }, session);
}

describe('QoS 0', () => {
  it.each(LEVELS)(
    'is done when it is written, at level %i [MQTT-4.3.1-1] [311:4.3.1-1]',
    (level) => {
      const world = ClientWorld.connected({ level });
      world.publish({ topicName: 'a/b', payload: Buffer.from('hi'), isRetained: true });
      expect(world.outcomes).toEqual([]);
      const sent = publishPacket({ payload: Buffer.from('hi'), isRetained: true });
      expect(world.sent()).toEqual([sent]);
      expect(world.outcomes).toMatchObject([{ kind: 'written' }]);
    },
  );

  it('is not done while the channel holds it', () => {
    const world = ClientWorld.connected();
    world.channel.isBlocked = true;
    world.publish();
    world.sent();
    expect(world.outcomes).toEqual([]);
    world.channel.drain();
    expect(world.outcomes).toMatchObject([{ kind: 'written' }]);
  });
});

describe('QoS 1', () => {
  it.each(LEVELS)('is done by PUBACK, at level %i [MQTT-4.3.2-1] [MQTT-4.3.2-2]', (level) => {
    const world = ClientWorld.connected({ level });
    world.publish({ qos: 1 });
    expect(world.sent()).toMatchObject([{ qos: 1, packetId: 1, isDuplicate: false }]);
    expect(world.outcomes).toEqual([]);
    world.receive(ackPacket('puback', 1));
    expect(world.outcomes).toMatchObject([ANSWERED]);
  });

  it('tells the reason of a refusal [MQTT-4.4.0-2]', () => {
    const world = ClientWorld.connected();
    world.publish({ qos: 1 });
    world.receive({ ...ackPacket('puback', 1, 0x87), properties: { reasonString: 'no' } });
    expect(world.outcomes).toMatchObject([
      { kind: 'answered', reasonCode: 0x87, reasonString: 'no' },
    ]);
  });

  it('minds no PUBACK for what it has not sent', () => {
    const world = ClientWorld.connected();
    world.receive(ackPacket('puback', 9), ackPacket('pubcomp', 9));
    expect(world.sent()).toEqual([]);
  });
});

describe('QoS 2', () => {
  it.each(LEVELS)('is done by PUBCOMP, at level %i [MQTT-4.3.3-1] [MQTT-4.3.3-2]', (level) => {
    const world = ClientWorld.connected({ level });
    world.publish({ qos: 2 });
    expect(world.sent()).toMatchObject([{ qos: 2, packetId: 1, isDuplicate: false }]);
    world.receive(ackPacket('pubrec', 1));
    expect(world.acksSent()).toEqual(['pubrel 1 0']);
    expect(world.outcomes).toEqual([]);
    world.receive(ackPacket('pubcomp', 1));
    expect(world.outcomes).toMatchObject([ANSWERED]);
  });

  it('tells what PUBREC said: that nobody subscribes [MQTT-4.3.3-4] [trap 55]', () => {
    const world = ClientWorld.connected();
    world.publish({ qos: 2 });
    world.receive(ackPacket('pubrec', 1, 0x10), ackPacket('pubcomp', 1));
    expect(world.outcomes).toMatchObject([{ reasonCode: 0x10 }]);
  });

  it('ends with a refusing PUBREC, without PUBREL [MQTT-4.3.3-4] [MQTT-4.4.0-2]', () => {
    const world = ClientWorld.connected();
    world.publish({ qos: 2 });
    world.sent();
    world.receive(ackPacket('pubrec', 1, 0x97));
    expect(world.outcomes).toMatchObject([{ reasonCode: 0x97 }]);
    expect(world.sent()).toEqual([]);
  });

  it.each<[ProtocolLevel, number]>([
    [5, 0x92],
    [4, 0],
    [3, 0],
  ])(
    'releases an id that is not open: level %i, PUBREL %i [MQTT-2.2.1-5] [trap 57]',
    (level, code) => {
      const world = ClientWorld.connected({ level });
      world.receive(ackPacket('pubrec', 9));
      expect(world.acksSent()).toEqual([`pubrel 9 ${code}`]);
    },
  );

  it.each(LEVELS)('releases in turn at level %i [MQTT-4.6.0-4] [311:4.6.0-4]', (level) => {
    const world = ClientWorld.connected({ level });
    for (let count = 0; count < 3; count += 1) world.publish({ qos: 2 });
    world.sent();
    world.receive(ackPacket('pubrec', 2), ackPacket('pubrec', 3), ackPacket('pubrec', 1));
    expect(world.acksSent()).toEqual(['pubrel 2 0', 'pubrel 3 0', 'pubrel 1 0']);
  });

  it('refuses an ack of the wrong kind [MQTT-3.3.4-1] [311:3.3.4-1]', () => {
    for (const level of LEVELS) {
      const world = ClientWorld.connected({ level });
      world.publish({ qos: 2 });
      world.sent();
      world.receive(ackPacket('puback', 1));
      const said = level === 5 ? [{ type: 'disconnect', reasonCode: 0x82 }] : [];
      expect(world.sent()).toMatchObject(said);
      expect(world.channel.closing).toBe('ended');
    }
  });
});

describe('the quota', () => {
  it('is what the server announces [MQTT-3.3.4-7] [MQTT-4.9.0-2]', () => {
    const world = ClientWorld.connected({}, { properties: { receiveMaximum: 2 } });
    expect(world.connection.hasRoom(1)).toBe(true);
    world.publish({ qos: 1 });
    world.publish({ qos: 2 });
    expect(world.connection.hasRoom(1)).toBe(false);
    expect(world.connection.hasRoom(0)).toBe(true);
    world.receive(ackPacket('puback', 1));
    expect(world.connection.hasRoom(2)).toBe(true);
  });

  it('lets a message be published from within the end of another', () => {
    const world = ClientWorld.connected({}, { properties: { receiveMaximum: 1 } });
    const message = {
      topicName: 'a',
      payload: Buffer.alloc(0),
      qos: 1,
      isRetained: false,
    } as const;
    world.connection.publish({ ...message, properties: {} }, () => world.publish({ qos: 1 }));
    world.receive(ackPacket('puback', 1));
    expect(world.acksSent()).toEqual(['publish 1', 'publish 2']);
  });
});

describe('a later connection', () => {
  it('repeats what is unfinished, with DUP and the same ids [MQTT-4.4.0-1] [MQTT-3.3.1-1]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    for (const qos of [1, 2, 2] as const) first.publish({ qos });
    first.receive(ackPacket('pubrec', 2));
    first.channel.close();
    const later = reconnected(session);
    expect(later.sent()).toMatchObject([
      { type: 'pubrel', packetId: 2 },
      { type: 'publish', packetId: 1, isDuplicate: true, payload: Buffer.from('m') },
      { type: 'publish', packetId: 3, isDuplicate: true, qos: 2 },
    ]);
    later.receive(ackPacket('puback', 1), ackPacket('pubcomp', 2));
    expect(first.outcomes).toMatchObject([ANSWERED, ANSWERED]);
  });

  it('repeats within its own quota [MQTT-4.9.0-1]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    for (const qos of [1, 1] as const) first.publish({ qos });
    first.channel.close();
    const later = reconnected(session, true, 1);
    expect(later.acksSent()).toEqual(['publish 1']);
    later.receive(ackPacket('puback', 1));
    expect(later.acksSent()).toEqual(['publish 2']);
  });

  it('repeats nothing of a session that the server has forgotten [MQTT-3.2.2-5]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    for (const qos of [1, 1] as const) first.publish({ qos });
    first.receive(ackPacket('puback', 1));
    first.channel.close();
    const later = reconnected(session, false);
    expect(later.sent()).toEqual([]);
    expect(first.outcomes).toMatchObject([ANSWERED, { kind: 'forgotten' }]);
  });
});

describe('a message that the server does not take', () => {
  it('is too large: nothing is sent, no id is used [MQTT-3.2.2-15] [trap 52]', () => {
    const properties = { maximumPacketSize: 20, receiveMaximum: 1 };
    const world = ClientWorld.connected({}, { properties });
    const payload = Buffer.alloc(20);
    for (const qos of [0, 1] as const) {
      expect(() => world.publish({ qos, payload })).toThrow(
        expect.objectContaining({ kind: 'refused', reasonCode: 149 }),
      );
    }
    expect(world.sent()).toEqual([]);
    expect(world.connection.hasRoom(1)).toBe(true);
  });

  it('has a QoS that is too high [MQTT-3.2.2-11]', () => {
    const world = ClientWorld.connected({}, { properties: { maximumQos: 0 } });
    expect(() => world.publish({ qos: 1 })).toThrow(expect.objectContaining({ reasonCode: 155 }));
    expect(world.sent()).toEqual([]);
  });
});

describe('a topic alias', () => {
  const aliased = { qos: 1, properties: { topicAlias: 3 } } as const;
  const topics = (world: ClientWorld) =>
    world.sent().map((packet) => (packet.type === 'publish' ? packet.topicName : packet.type));

  it('stands for its topic after that was sent once on the connection', () => {
    const world = ClientWorld.connected({}, { properties: { topicAliasMaximum: 3 } });
    world.publish({ ...aliased, topicName: 'a' });
    world.publish({ ...aliased, topicName: 'a' });
    world.publish({ ...aliased, topicName: 'b' });
    world.publish({ ...aliased, topicName: 'b', qos: 0 });
    expect(topics(world)).toEqual(['a', '', 'b', '']);
  });

  it('is set anew on the next connection, and a repeat has its topic [MQTT-3.3.2-7]', () => {
    const session = new ClientSession(9);
    const connack = { properties: { topicAliasMaximum: 3 } };
    const over = { isCleanStart: false };
    const first = ClientWorld.connected(over, connack, session);
    first.publish({ ...aliased, topicName: 'a' });
    first.publish({ ...aliased, topicName: 'a' });
    first.channel.close();
    const second = ClientWorld.connected(over, { ...connack, isSessionPresent: true }, session);
    second.publish({ ...aliased, topicName: 'a' });
    expect(topics(second)).toEqual(['a', 'a', 'a']);
  });
});

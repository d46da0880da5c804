import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];

function topics(world: ClientWorld): string[] {
  return world.messages.map(({ packet }) => packet.topicName);
}

function patient(over: Parameters<typeof ClientWorld.connected>[0] = {}): ClientWorld {
  const world = ClientWorld.connected(over);
  world.isEager = false;
  return world;
}

describe.each(LEVELS)('at level %i', (level) => {
  it('hands over QoS 0 and answers nothing [MQTT-3.3.4-1]', () => {
    const world = ClientWorld.connected({ level });
    world.receive(publishPacket({ payload: Buffer.from('x') }));
    expect(world.messages[0]?.packet.payload).toEqual(Buffer.from('x'));
    expect(world.sent()).toEqual([]);
  });

  it('answers QoS 1 with PUBACK [MQTT-4.3.2-4] [311:4.3.2-2]', () => {
    const world = ClientWorld.connected({ level });
    world.receive(publishPacket({ qos: 1, packetId: 7 }));
    expect(world.acksSent()).toEqual(['puback 7 0']);
  });

  it('hands over QoS 2 once, and answers each time [MQTT-4.3.3-8] [MQTT-4.3.3-10]', () => {
    const world = ClientWorld.connected({ level });
    const packet = publishPacket({ qos: 2, packetId: 7 });
    world.receive(packet, { ...packet, isDuplicate: true });
    expect(world.messages).toHaveLength(1);
    expect(world.acksSent()).toEqual(['pubrec 7 0', 'pubrec 7 0']);
    world.receive(ackPacket('pubrel', 7));
    expect(world.acksSent()).toEqual(['pubcomp 7 0']);
    world.receive(packet);
    expect(world.messages).toHaveLength(2);
  });

  it('completes an id that it does not hold [MQTT-4.3.3-11] [311:4.3.3-2] [trap 57]', () => {
    const world = ClientWorld.connected({ level });
    world.receive(ackPacket('pubrel', 9));
    expect(world.acksSent()).toEqual([`pubcomp 9 ${level === 5 ? 0x92 : 0}`]);
  });
});

describe('acks', () => {
  it('wait until the message is taken', () => {
    const world = patient();
    world.receive(publishPacket({ qos: 1, packetId: 7 }));
    expect(world.sent()).toEqual([]);
    world.messages[0]?.take();
    world.messages[0]?.take();
    expect(world.acksSent()).toEqual(['puback 7 0']);
  });

  it.each(LEVELS)(
    'keep the order of the messages at level %i [MQTT-4.6.0-2] [MQTT-4.6.0-3] [311:4.6.0-2] ' +
      '[311:4.6.0-3] [trap 61]',
    (level) => {
      const world = patient({ level });
      for (const packetId of [1, 2, 3]) world.receive(publishPacket({ qos: 1, packetId }));
      for (const packetId of [4, 5]) world.receive(publishPacket({ qos: 2, packetId }));
      for (const index of [4, 2, 1]) world.messages[index]?.take();
      expect(world.sent()).toEqual([]);
      world.messages[0]?.take();
      expect(world.acksSent()).toEqual(['puback 1 0', 'puback 2 0', 'puback 3 0']);
      world.messages[3]?.take();
      expect(world.acksSent()).toEqual(['pubrec 4 0', 'pubrec 5 0']);
    },
  );

  it('go out for what nobody subscribed to [MQTT-4.5.0-2] [311:4.5.0-2] [trap 61]', () => {
    for (const level of LEVELS) {
      const world = ClientWorld.connected({ level });
      world.receive(publishPacket({ qos: 1, packetId: 7, topicName: 'never/asked' }));
      world.receive(publishPacket({ qos: 2, packetId: 8, topicName: 'never/asked' }));
      expect(world.acksSent()).toEqual(['puback 7 0', 'pubrec 8 0']);
    }
  });

  it('are not sent for a connection that is gone', () => {
    const world = patient();
    world.receive(publishPacket({ qos: 1, packetId: 7 }));
    world.channel.close();
    world.messages[0]?.take();
    expect(world.sent()).toEqual([]);
  });
});

describe('Receive Maximum', () => {
  it('counts what is not taken yet, at QoS 1 and 2 [MQTT-3.3.4-9] [trap 53]', () => {
    const world = ClientWorld.connected({}, {}, new ClientSession(2));
    world.isEager = false;
    world.receive(publishPacket({ qos: 1, packetId: 1 }), publishPacket({ qos: 2, packetId: 2 }));
    world.messages[0]?.take();
    world.receive(publishPacket({ qos: 1, packetId: 3 }));
    world.sent();
    world.receive(publishPacket({ qos: 1, packetId: 4 }));
    expect(world.sent()).toMatchObject([{ type: 'disconnect', reasonCode: 0x93 }]);
  });
});

describe('a later connection', () => {
  it('hands over no QoS 2 message that an earlier one has [MQTT-4.3.3-10] [trap 56]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    first.receive(publishPacket({ qos: 2, packetId: 7 }));
    first.channel.close();
    const over = { isCleanStart: false };
    const later = ClientWorld.connected(over, { isSessionPresent: true }, session);
    later.receive(publishPacket({ qos: 2, packetId: 7, isDuplicate: true }));
    expect(later.messages).toEqual([]);
    expect(later.acksSent()).toEqual(['pubrec 7 0']);
  });

  it('answers a repeat once the message, which came earlier, is taken', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    first.isEager = false;
    first.receive(publishPacket({ qos: 2, packetId: 7 }));
    first.channel.close();
    const over = { isCleanStart: false };
    const later = ClientWorld.connected(over, { isSessionPresent: true }, session);
    later.receive(publishPacket({ qos: 2, packetId: 7, isDuplicate: true }));
    expect(later.sent()).toEqual([]);
    first.messages[0]?.take();
    expect(later.acksSent()).toEqual(['pubrec 7 0']);
  });

  it('takes an id for a new message if the server has forgotten the session', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
    first.isEager = false;
    first.receive(publishPacket({ qos: 2, packetId: 7 }));
    first.channel.close();
    const later = ClientWorld.connected({ isCleanStart: false }, {}, session);
    expect(session.untaken.size).toBe(0);
    later.receive(publishPacket({ qos: 2, packetId: 7 }));
    expect(later.messages).toHaveLength(1);
  });
});

describe('topic aliases', () => {
  const ALLOWED = { properties: { topicAliasMaximum: 2 } };

  it('stand for the topic that they came with last', () => {
    const world = ClientWorld.connected(ALLOWED);
    const properties = { topicAlias: 2 };
    world.receive(
      publishPacket({ topicName: 'a', properties }),
      publishPacket({ topicName: '', properties }),
      publishPacket({ topicName: 'b', properties }),
      publishPacket({ topicName: '', properties }),
    );
    expect(topics(world)).toEqual(['a', 'a', 'b', 'b']);
  });

  it.each([
    ['above what CONNECT allows [MQTT-3.3.2-11] [MQTT-3.1.2-26] [trap 48]', ALLOWED, 3],
    ['where CONNECT allows none [MQTT-3.1.2-27]', {}, 1],
  ])('are refused %s', (_, connect, topicAlias) => {
    const world = ClientWorld.connected(connect);
    world.receive(publishPacket({ properties: { topicAlias } }));
    expect(world.sent()).toMatchObject([{ type: 'disconnect', reasonCode: 0x94 }]);
    expect(world.messages).toEqual([]);
  });

  it('are refused while they have no topic [trap 48]', () => {
    const world = ClientWorld.connected(ALLOWED);
    world.receive(publishPacket({ topicName: '', properties: { topicAlias: 1 } }));
    expect(world.sent()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
  });

  it('end with their connection [MQTT-3.3.2-7] [trap 50]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected(ALLOWED, {}, session);
    first.receive(publishPacket({ topicName: 'a', properties: { topicAlias: 1 } }));
    first.channel.close();
    const later = ClientWorld.connected(ALLOWED, {}, session);
    later.receive(publishPacket({ topicName: '', properties: { topicAlias: 1 } }));
    expect(later.sent()).toMatchObject([{ type: 'disconnect' }]);
  });
});

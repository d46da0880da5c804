import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ClientWorld } from '../support/client-world.ts';
import { hex } from '../support/hex.ts';
import { ackPacket, connackPacket, connectPacket, publishPacket } from '../support/packets.ts';

const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];

function disconnectPacket(reasonCode: number, reasonString?: string): Packet {
  const properties = reasonString === undefined ? NO_PROPERTIES : { reasonString };
  return { type: 'disconnect', reasonCode, properties };
}

describe('CONNECT', () => {
  it.each(LEVELS)('says all that level %i can [MQTT-3.1.0-1] [311:3.1.0-1]', (level) => {
    const connect = connectPacket({
      level,
      isCleanStart: false,
      keepAliveSeconds: 7,
      clientId: 'me',
      userName: 'u',
      password: Buffer.from('p'),
      will: {
        topicName: 'w',
        payload: Buffer.from('gone'),
        qos: 1,
        isRetained: true,
        properties: level === 5 ? { willDelayInterval: 3 } : NO_PROPERTIES,
      },
      properties: level === 5 ? { sessionExpiryInterval: 9, receiveMaximum: 2 } : NO_PROPERTIES,
    });
    const world = new ClientWorld(connect);
    world.connection.start();
    expect(world.sent()).toEqual([connect]);
  });
});

describe('the end', () => {
  it.each(LEVELS)(
    'is DISCONNECT, then the close, at level %i [MQTT-3.14.4-2] [311:3.14.4-1]',
    (level) => {
      const world = ClientWorld.connected({ level });
      world.connection.end();
      expect(world.sent()).toEqual([disconnectPacket(0)]);
      expect(world.channel.closing).toBe('ended');
      expect(world.end).toBeUndefined();
      world.channel.close();
      expect(world.end).toEqual({ error: undefined, wasAsked: true, hasAnswered: true });
    },
  );

  it('waits two seconds for the peer', () => {
    const world = ClientWorld.connected();
    world.connection.end();
    world.pass(1999);
    expect(world.end).toBeUndefined();
    world.pass(1);
    expect(world.end?.error).toBeUndefined();
    expect(world.channel.closing).toBe('destroyed');
    world.channel.close();
  });

  it('tells that the peer reset what it had not read', () => {
    const world = ClientWorld.connected();
    world.connection.end();
    world.channel.close(new Error('connection reset'));
    expect(world.end).toMatchObject({ error: { kind: 'lost' }, wasAsked: true });
  });

  it.each(LEVELS)('lets nothing follow at level %i [MQTT-3.14.4-1] [311:3.14.4-2]', (level) => {
    const world = ClientWorld.connected({ level });
    world.isEager = false;
    world.receive(publishPacket({ qos: 1, packetId: 7 }));
    world.connection.end();
    world.messages[0]?.take();
    world.receive({ type: 'pingresp' }, publishPacket());
    expect(world.sent()).toEqual([disconnectPacket(0)]);
    expect(world.messages).toHaveLength(1);
    expect(world.connection.hasRoom(0)).toBe(false);
  });

  it('reads again, so that a paused reader sees the close', () => {
    const world = ClientWorld.connected();
    world.connection.pause();
    world.connection.end();
    expect(world.channel.isPaused).toBe(false);
  });

  it('can be asked for before CONNACK', () => {
    const world = new ClientWorld();
    world.connection.start();
    world.connection.end();
    expect(world.sent().map((packet) => packet.type)).toEqual(['connect', 'disconnect']);
    world.receive(connackPacket());
    expect(world.welcome).toBeUndefined();
  });

  it('is heard of once', () => {
    const world = ClientWorld.connected();
    world.connection.end();
    world.connection.end();
    world.channel.close();
    world.channel.close(new Error('again'));
    world.pass(5000);
    expect(world.sent()).toHaveLength(1);
    expect(world.end?.error).toBeUndefined();
  });
});

describe('the end by the server', () => {
  it.each([
    [undefined, 'connection lost: h:1883 closed it'],
    [new Error('read ECONNRESET'), 'connection lost: read ECONNRESET'],
  ])('is a loss: %s', (error, message) => {
    const world = ClientWorld.connected();
    world.channel.close(error);
    expect(world.end).toMatchObject({ error: { kind: 'lost', message }, wasAsked: false });
  });

  it('tells the reason of its DISCONNECT', () => {
    const world = ClientWorld.connected();
    world.receive(disconnectPacket(0x8e, 'two of you'));
    expect(world.sent()).toEqual([]);
    world.channel.close();
    expect(world.end?.error).toMatchObject({
      kind: 'refused',
      reasonCode: 0x8e,
      message: 'disconnected by h:1883: Session taken over (0x8E)',
      why: 'the broker says "two of you"',
    });
  });

  it('is the last that is heard of it, even within a chunk', () => {
    const world = ClientWorld.connected();
    world.receive(disconnectPacket(0x98), publishPacket());
    expect(world.messages).toEqual([]);
  });

  it('is a loss too when it says 0x00', () => {
    const world = ClientWorld.connected();
    world.receive(disconnectPacket(0));
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'lost' });
  });

  it('does not come by DISCONNECT before 5.0 [311:4.8.0-1]', () => {
    const world = ClientWorld.connected({ level: 4 });
    world.channel.arrive(hex`e0 00`);
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'lost', why: expect.stringContaining('DISC') });
  });
});

describe('a server that has closed before the goodbye', () => {
  it('has not read what was written since: the connection was lost', () => {
    const world = ClientWorld.connected({ level: 4 });
    world.channel.hasPeerEnded = true;
    world.connection.end();
    world.channel.close();
    const message = 'connection lost: h:1883 closed it';
    expect(world.end).toMatchObject({ error: { kind: 'lost', message }, wasAsked: true });
  });
});

describe('a server that breaks a rule', () => {
  it.each<[string, Buffer, number]>([
    ['malformed bytes', hex`90 00`, 0x81],
    ['a client packet', hex`c0 00`, 0x82],
    [
      'AUTH without a method [MQTT-4.12.0-6] [MQTT-4.12.0-7]',
      hex`f0 07 18 05 15 00 02 61 62`,
      0x82,
    ],
    ['a QoS 3', hex`36 05 00 01 61 00 01`, 0x81],
  ])('hears so: %s [MQTT-4.13.1-1]', (_, bytes, code) => {
    const world = ClientWorld.connected();
    world.channel.arrive(bytes);
    expect(world.sent()).toEqual([disconnectPacket(code)]);
    world.channel.close();
    expect(world.end?.error).toMatchObject({
      kind: 'lost',
      message: 'connection lost: h:1883 does not keep to MQTT',
    });
  });

  it('is closed without a word before 5.0 [311:4.8.0-1]', () => {
    const world = ClientWorld.connected({ level: 4 });
    world.channel.arrive(hex`c0 00`);
    expect(world.sent()).toEqual([]);
    expect(world.channel.closing).toBe('ended');
  });

  it('is heard no further: the rest of its chunk is dropped', () => {
    const world = ClientWorld.connected();
    world.channel.arrive(hex`c0 00 30 04 00 01 61 00`);
    expect(world.messages).toEqual([]);
  });

  it('may send no packet larger than CONNECT allows [MQTT-3.1.2-24]', () => {
    const world = ClientWorld.connected({ properties: { maximumPacketSize: 20 } });
    world.channel.arrive(hex`30 13`);
    expect(world.sent()).toEqual([disconnectPacket(0x95)]);
  });

  it('does not hide a bug of ours', () => {
    const world = ClientWorld.connected();
    world.onMessage = () => {
      throw new Error('bug');
    };
    expect(() => world.receive(publishPacket())).toThrow('bug');
  });
});

it('closes after a repeat that the server has no room for any more [MQTT-3.2.2-15]', () => {
  const session = new ClientSession(9);
  const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
  first.publish({ qos: 1, payload: Buffer.alloc(100) });
  first.channel.close();
  const later = ClientWorld.connected(
    { isCleanStart: false },
    { isSessionPresent: true, properties: { maximumPacketSize: 50 } },
    session,
  );
  expect(later.sent()).toEqual([disconnectPacket(0)]);
  later.channel.close();
  expect(later.end?.error).toMatchObject({ kind: 'refused', reasonCode: 149 });
});

it('tells when the server reads again', () => {
  const world = ClientWorld.connected();
  world.channel.isBlocked = true;
  world.publish();
  world.sent();
  expect(world.connection.hasRoom(0)).toBe(false);
  world.channel.drain();
  expect(world.connection.hasRoom(0)).toBe(true);
  expect(world.drainCount).toBe(1);
  world.receive(ackPacket('puback', 9));
  expect(world.end).toBeUndefined();
});

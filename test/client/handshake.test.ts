import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ClientWorld } from '../support/client-world.ts';
import { hex } from '../support/hex.ts';
import { connackPacket, publishPacket } from '../support/packets.ts';

const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];

function disconnectPacket(reasonCode: number): Packet {
  return { type: 'disconnect', reasonCode, properties: NO_PROPERTIES };
}

describe('CONNACK', () => {
  it.each(LEVELS)('connects at level %i', (level) => {
    const world = ClientWorld.connected({ level });
    expect(world.welcome).toMatchObject({
      clientId: 'c',
      isSessionPresent: false,
      keepAliveSeconds: 60,
    });
    expect(world.end).toBeUndefined();
  });

  it('names the client and its Keep Alive anew [MQTT-3.2.2-16] [MQTT-3.2.2-21]', () => {
    const properties = { assignedClientIdentifier: 'chosen', serverKeepAlive: 5 };
    const world = ClientWorld.connected({ clientId: '' }, { properties });
    expect(world.welcome).toMatchObject({ clientId: 'chosen', keepAliveSeconds: 5 });
    world.pass(5000);
    expect(world.sent()).toEqual([{ type: 'pingreq' }]);
  });

  it.each<[ProtocolLevel, number, number, string]>([
    [4, 1, 132, 'Unsupported Protocol Version (0x84)'],
    [4, 2, 133, 'Client Identifier not valid (0x85)'],
    [3, 3, 136, 'Server unavailable (0x88)'],
    [3, 4, 134, 'Bad User Name or Password (0x86)'],
    [4, 5, 135, 'Not authorized (0x87)'],
    [5, 0x8a, 138, 'Banned (0x8A)'],
  ])('of level %i refuses with %i, which is %i [MQTT-3.2.2-7]', (level, said, code, text) => {
    const world = ClientWorld.connected({ level }, { reasonCode: said });
    expect(world.welcome).toBeUndefined();
    expect(world.channel.closing).toBe('ended');
    expect(world.sent()).toEqual([]);
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'refused', reasonCode: code });
    expect(world.end?.error?.message).toBe(`refused by h:1883: ${text}`);
  });

  it('refuses a CONNECT of 5.0 in the form of an older version', () => {
    const world = new ClientWorld();
    world.connection.start();
    world.channel.arrive(hex`20 02 00 01`);
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'refused', reasonCode: 132 });
  });

  it('quotes what the server adds, and no control character of it', () => {
    const properties = { reasonString: 'go \x1b[2J away' };
    const world = ClientWorld.connected({}, { reasonCode: 0x87, properties });
    world.channel.close();
    expect(world.end?.error?.why).toBe('the broker says "go \\u001b[2J away"');
  });

  it('must come in time', () => {
    const world = new ClientWorld();
    world.connection.start();
    world.pass(29_999);
    expect(world.end).toBeUndefined();
    world.pass(1);
    expect(world.end?.error).toMatchObject({ kind: 'connect' });
    expect(world.channel.closing).toBe('destroyed');
  });

  it.each(LEVELS)('must come first at level %i [MQTT-3.2.0-1] [311:3.2.0-1]', (level) => {
    const world = new ClientWorld({ level });
    world.connection.start();
    world.sent();
    world.receive(publishPacket());
    expect(world.sent()).toEqual(level === 5 ? [disconnectPacket(0x82)] : []);
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'lost' });
  });

  it('is told apart from another protocol by the first byte', () => {
    const world = new ClientWorld({ level: 4 });
    world.connection.start();
    world.channel.arrive(Buffer.from('HT'));
    expect(world.channel.closing).toBe('ended');
  });

  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n', 'h:1883 does not speak MQTT'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n', 'h:1883 does not speak MQTT'],
    ['TLS', '\x15\x03\x01\0\x02\x02\x46', 'h:1883 does not speak MQTT without TLS'],
  ])('that is %s is called so', (protocol, answer, message) => {
    const world = new ClientWorld();
    world.connection.start();
    world.channel.arrive(Buffer.from(answer, 'latin1'));
    world.channel.close();
    const why = `it answers in ${protocol}`;
    expect(world.end?.error).toMatchObject({ kind: 'lost', message, why });
  });

  it('comes once [MQTT-3.2.0-2]', () => {
    const world = ClientWorld.connected();
    world.receive(connackPacket());
    expect(world.sent()).toEqual([disconnectPacket(0x82)]);
  });

  it('of a server that takes not even an ack ends the connection', () => {
    const world = ClientWorld.connected({}, { properties: { maximumPacketSize: 4 } });
    expect(world.sent()).toEqual([]);
    world.channel.close();
    expect(world.end?.error).toMatchObject({ kind: 'refused', reasonCode: 149 });
  });

  it.each([
    ['by close', undefined],
    ['by reset', new Error('reset')],
  ])('may never come: closed early %s', (_, error) => {
    const world = new ClientWorld();
    world.connection.start();
    world.channel.close(error);
    expect(world.end).toMatchObject({
      error: { kind: 'lost', message: 'h:1883 closed the connection before CONNACK' },
      wasAsked: false,
      hasAnswered: false,
    });
  });
});

describe('Session Present', () => {
  it.each<[string, boolean, ClientSession]>([
    ['after Clean Start', true, new ClientSession(9, 'resumed')],
    ['of a session that is not known here', false, new ClientSession(9)],
  ])('%s closes the connection [MQTT-3.2.2-4] [311:3.2.2-1]', (_, isCleanStart, session) => {
    for (const level of [4, 5] as const) {
      const over = { level, isCleanStart };
      const world = ClientWorld.connected(over, { isSessionPresent: true }, session);
      expect(world.welcome).toBeUndefined();
      expect(world.sent()).toEqual(level === 5 ? [disconnectPacket(0x82)] : []);
      expect(world.channel.closing).toBe('ended');
    }
  });

  it('resumes what an earlier connection knew, or an earlier process', () => {
    const session = new ClientSession(9);
    ClientWorld.connected({ isCleanStart: false }, {}, session);
    const later = ClientWorld.connected(
      { isCleanStart: false },
      { isSessionPresent: true },
      session,
    );
    expect(later.welcome?.isSessionPresent).toBe(true);
    const other = new ClientSession(9, 'resumed');
    const world = ClientWorld.connected({ isCleanStart: false }, { isSessionPresent: true }, other);
    expect(world.welcome?.isSessionPresent).toBe(true);
  });

  it('is unknown to MQTT 3.1, which goes on as if it were there [V31-42]', () => {
    const session = new ClientSession(9);
    const first = ClientWorld.connected({ level: 3, isCleanStart: false }, {}, session);
    first.publish({ qos: 1 });
    first.channel.close();
    const later = ClientWorld.connected({ level: 3, isCleanStart: false }, {}, session);
    expect(later.sent()).toMatchObject([{ type: 'publish', isDuplicate: true, packetId: 1 }]);
  });
});

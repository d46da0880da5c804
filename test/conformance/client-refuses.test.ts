import type { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { ClientWorld } from '../support/client-world.ts';
import { hex } from '../support/hex.ts';

/** The ids in a row's name that are of one version: the refusal has to name them. */
function clausesIn(name: string, level: ProtocolLevel): string[] {
  const standard = { 3: 'V31-', 4: '311:', 5: 'MQTT-' }[level];
  const ids = [...name.matchAll(/\[([^\]]+)\]/g)].map(([, id = '']) => id);
  return ids.filter((id) => id.startsWith(standard));
}

/** The client has said so, if its version can, and closed; returns the rule that it names. */
function expectRefusal(world: ClientWorld, level: ProtocolLevel, code: number): ProtocolError {
  const said = level === 5 ? [{ type: 'disconnect', reasonCode: code, properties: {} }] : [];
  expect(world.sent()).toEqual(said);
  expect(world.channel.closing).toBe('ended');
  expect(world.messages).toEqual([]);
  world.channel.close();
  const cause = world.end?.error?.cause;
  if (!(cause instanceof ProtocolError)) throw new Error('nothing was refused');
  return cause;
}

describe('a client of 5.0 and one of 3.1.1 refuse', () => {
  it.each<[string, Buffer, Buffer, number]>([
    [
      'a topic that is no UTF-8 [MQTT-1.5.4-1] [MQTT-3.3.2-1] [311:1.5.3-1] ' +
        '[311:3.3.2-1] [trap 39]',
      hex`30 04 0001 ff 00`,
      hex`30 03 0001 ff`,
      0x81,
    ],
    [
      'U+0000 in a topic [MQTT-1.5.4-2] [MQTT-4.7.3-2] [311:1.5.3-2] [311:4.7.3-2]',
      hex`30 04 0001 00 00`,
      hex`30 03 0001 00`,
      0x81,
    ],
    [
      'a wildcard in a topic [MQTT-3.3.2-2] [MQTT-4.7.0-1] [311:3.3.2-2] [311:4.7.1-1] [trap 38]',
      hex`30 04 0001 23 00`,
      hex`30 03 0001 23`,
      0x81,
    ],
    ['no topic [MQTT-4.7.3-1] [311:4.7.3-1]', hex`30 03 0000 00`, hex`30 02 0000`, 0x82],
    [
      'both QoS bits [MQTT-3.3.1-4] [311:3.3.1-4] [trap 35]',
      hex`36 06 0001 61 0001 00`,
      hex`36 05 0001 61 0001`,
      0x81,
    ],
    [
      'DUP at QoS 0 [MQTT-3.3.1-2] [311:3.3.1-2] [trap 35]',
      hex`38 04 0001 61 00`,
      hex`38 03 0001 61`,
      0x81,
    ],
    [
      'packet id 0 [MQTT-2.2.1-4] [311:2.3.1-1] [trap 36]',
      hex`32 06 0001 61 0000 00`,
      hex`32 05 0001 61 0000`,
      0x82,
    ],
    [
      'flags of PUBREL [MQTT-2.1.3-1] [MQTT-3.6.1-1] [311:2.2.2-1] [311:2.2.2-2] [311:3.6.1-1]',
      hex`60 02 0001`,
      hex`60 02 0001`,
      0x81,
    ],
    [
      'a code of SUBACK that is none [MQTT-3.9.3-2] [311:3.9.3-2] [trap 46]',
      hex`90 04 0001 00 03`,
      hex`90 03 0001 03`,
      0x82,
    ],
    ['what a client sends [MQTT-4.13.1-1] [311:4.8.0-1] [trap 45]', hex`c0 00`, hex`c0 00`, 0x82],
  ])('%s [MQTT-4.13.2-1]', (name, five, four, code) => {
    for (const [level, bytes] of [
      [5, five],
      [4, four],
    ] as const) {
      const world = ClientWorld.connected({ level });
      world.channel.arrive(bytes);
      const ids = clausesIn(name, level);
      expect(expectRefusal(world, level, code).clauses).toEqual(expect.arrayContaining(ids));
    }
  });
});

describe('a client of 5.0 refuses', () => {
  it.each<[string, Buffer, number]>([
    ['a length that is longer than need be [MQTT-1.5.5-1]', hex`d0 8000`, 0x81],
    [
      'a User Property that is no UTF-8 [MQTT-1.5.7-1]',
      hex`30 0a 0001 61 06 26 0000 0001 ff`,
      0x81,
    ],
    ['a Response Topic that is no UTF-8 [MQTT-3.3.2-13]', hex`30 08 0001 61 04 08 0001 ff`, 0x81],
    ['a wildcard in a Response Topic [MQTT-3.3.2-14]', hex`30 08 0001 61 04 08 0001 2b`, 0x82],
    ['a Content Type that is no UTF-8 [MQTT-3.3.2-19]', hex`30 08 0001 61 04 03 0001 ff`, 0x81],
    ['topic alias 0 [MQTT-3.3.2-8]', hex`30 07 0001 61 03 23 0000`, 0x94],
    ['no Property Length [MQTT-2.2.2-1]', hex`30 03 0001 61`, 0x81],
    ['a code of PUBACK that is none [MQTT-3.4.2-1]', hex`40 03 0001 92`, 0x82],
    ['a code of PUBREC that is none [MQTT-3.5.2-1]', hex`50 03 0001 93`, 0x82],
    ['a code of PUBREL that is none [MQTT-3.6.2-1]', hex`62 03 0001 10`, 0x82],
    ['a code of PUBCOMP that is none [MQTT-3.7.2-1]', hex`70 03 0001 10`, 0x82],
    ['a code of UNSUBACK that is none [MQTT-3.11.3-2]', hex`b0 04 0001 00 10`, 0x82],
    ['flags of DISCONNECT [MQTT-3.14.1-1] [MQTT-2.1.3-1]', hex`e1 00`, 0x81],
    ['a DISCONNECT that only clients say [MQTT-3.14.2-1]', hex`e0 01 04`, 0x82],
    ['a DISCONNECT that nobody says [MQTT-3.14.2-1]', hex`e0 01 01`, 0x82],
    ['a Session Expiry in DISCONNECT [MQTT-3.14.2-2]', hex`e0 07 00 05 11 00000001`, 0x82],
    ['flags of AUTH [MQTT-3.15.1-1]', hex`f1 07 18 05 15 0002 6162`, 0x81],
    ['an AUTH that only clients say [MQTT-3.15.2-1]', hex`f0 07 19 05 15 0002 6162`, 0x82],
    ['any AUTH: its CONNECT named no method [MQTT-4.12.0-6]', hex`f0 07 18 05 15 0002 6162`, 0x82],
  ])('%s', (name, bytes, code) => {
    const world = ClientWorld.connected();
    world.channel.arrive(bytes);
    const { clauses } = expectRefusal(world, 5, code);
    expect(clauses).toEqual(expect.arrayContaining(clausesIn(name, 5)));
  });

  it.each<[string, Buffer, number]>([
    ['reserved flags of CONNACK [MQTT-3.2.2-1]', hex`20 03 02 00 00`, 0x81],
    ['a session that is present in a refusal [MQTT-3.2.2-6]', hex`20 03 01 87 00`, 0x82],
    ['a code of CONNACK that is none [MQTT-3.2.2-8]', hex`20 03 00 01 00`, 0x82],
    ['Maximum QoS 2 [trap 12]', hex`20 05 00 00 02 24 02`, 0x82],
    ['Receive Maximum 0 [trap 12]', hex`20 06 00 00 03 21 0000`, 0x82],
    ['Maximum Packet Size 0 [trap 12]', hex`20 08 00 00 05 27 00000000`, 0x82],
  ])('%s', (name, bytes, code) => {
    const world = new ClientWorld();
    world.connection.start();
    world.sent();
    world.channel.arrive(bytes);
    const { clauses } = expectRefusal(world, 5, code);
    const ids = clausesIn(name, 5);
    expect(clauses).toEqual(expect.arrayContaining(ids));
    expect(world.welcome).toBeUndefined();
  });
});

describe('a client of 3.1', () => {
  it('does not look at flags that its version does not use [V31-4]', () => {
    const world = ClientWorld.connected({ level: 3 });
    world.channel.arrive(hex`dd 00 4b 02 0001`);
    expect([world.sent(), world.channel.closing]).toEqual([[], 'open']);
  });

  it('does not look at the first byte of CONNACK [V31-15] [V31-42]', () => {
    const world = new ClientWorld({ level: 3 });
    world.connection.start();
    world.channel.arrive(hex`20 02 ff 00`);
    expect(world.welcome).toMatchObject({ isSessionPresent: false });
  });

  it('takes a length in any form [V31-24]', () => {
    const world = ClientWorld.connected({ level: 3 });
    world.channel.arrive(hex`d0 8000 30 83808000 0001 61`);
    expect(world.messages).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ['a return code that is none [V31-16]', hex`20 02 00 06`],
    ['what a client sends [V31-50]', hex`20 02 00 00 c0 00`],
    ['packet id 0 [V31-21]', hex`20 02 00 00 32 05 0001 61 0000`],
    ['the failure in SUBACK, which 3.1.1 brought [V31-17]', hex`20 02 00 00 90 03 0001 80`],
  ])('closes without a word for %s', (_fault, bytes) => {
    const world = new ClientWorld({ level: 3 });
    world.connection.start();
    world.sent();
    world.channel.arrive(bytes);
    expectRefusal(world, 3, 0);
  });
});

it('keeps U+FEFF where a server has written it [MQTT-1.5.4-3] [311:1.5.3-3]', () => {
  for (const [level, bytes] of [
    [5, hex`30 07 0004 efbbbf61 00`],
    [4, hex`30 06 0004 efbbbf61`],
  ] as const) {
    const world = ClientWorld.connected({ level });
    world.channel.arrive(bytes);
    expect(world.messages[0]?.packet.topicName).toBe('\ufeffa');
  }
});

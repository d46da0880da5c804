import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { ConnectRequest } from '../../src/client/client-host.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { ClientWorld } from '../support/client-world.ts';
import { hex } from '../support/hex.ts';

const WILL = {
  topicName: 'w',
  payload: Buffer.from('gone'),
  qos: 0,
  isRetained: false,
  properties: NO_PROPERTIES,
} as const;

/** The bytes that a client sends first. */
function connectBytes(over: Partial<ConnectRequest>): Buffer {
  const world = new ClientWorld(over);
  world.connection.start();
  world.sent();
  return Buffer.concat(world.channel.writes);
}

/** The Connect Flags of a CONNECT of 3.1.1 or 5.0. */
function flagsOf(over: Partial<ConnectRequest>): number | undefined {
  return connectBytes(over)[9];
}

describe('CONNECT of the client', () => {
  it.each([
    [
      '5.0 [MQTT-3.1.0-1] [MQTT-3.1.2-1] [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-16] ' +
        '[MQTT-3.1.2-18] [MQTT-3.1.3-3] [MQTT-2.2.2-1]',
      5,
      hex`10 0e 0004 4d515454 05 02 003c 00 0001 63`,
    ],
    [
      '3.1.1 [311:3.1.0-1] [311:3.1.2-11] [311:3.1.2-13] [311:3.1.2-15] [311:3.1.2-18] ' +
        '[311:3.1.2-20] [311:3.1.3-3]',
      4,
      hex`10 0d 0004 4d515454 04 02 003c 0001 63`,
    ],
    ['3.1 [V31-1] [V31-2]', 3, hex`10 0f 0006 4d5149736470 03 02 003c 0001 63`],
  ] as const)('says no more than there is, in version %s', (_version, level, bytes) => {
    expect(connectBytes({ level })).toEqual(bytes);
  });

  it.each([
    [
      '5.0 [MQTT-3.1.2-9] [MQTT-3.1.2-17] [MQTT-3.1.2-19] [MQTT-3.1.3-1] [trap 8]',
      5,
      hex`10 1f 0004 4d515454 05 f6 003c 00 0001 63 00 0001 77 0004 676f6e65 0001 75 0002 00ff`,
    ],
    [
      '3.1.1 [311:3.1.2-9] [311:3.1.2-19] [311:3.1.2-21] [311:3.1.3-1]',
      4,
      hex`10 1d 0004 4d515454 04 f6 003c 0001 63 0001 77 0004 676f6e65 0001 75 0002 00ff`,
    ],
  ] as const)('holds all that its flags announce, in order, in version %s', (_, level, bytes) => {
    const will = { ...WILL, qos: 2, isRetained: true } as const;
    const secret = { userName: 'u', password: Buffer.from([0, 255]) };
    expect(connectBytes({ level, will, ...secret })).toEqual(bytes);
  });

  it('has the QoS of its will in two bits, and never 3 [MQTT-3.1.2-12] [311:3.1.2-14]', () => {
    for (const level of [4, 5] as const) {
      const flags = ([0, 1, 2] as const).map((qos) => flagsOf({ level, will: { ...WILL, qos } }));
      expect(flags).toEqual([0x06, 0x0e, 0x16]);
    }
  });

  it(
    'has a password alone in 5.0, and in no other version [311:3.1.2-22] [V31-12] ' + '[trap 9]',
    () => {
      const password = Buffer.from('p');
      expect(flagsOf({ password })).toBe(0x42);
      for (const level of [3, 4] as const) {
        expect(() => connectBytes({ level, password })).toThrow(UnsendableError);
      }
    },
  );

  it.each<[string, Partial<ConnectRequest>]>([
    ['half a surrogate pair in the id [MQTT-3.1.3-4] [311:3.1.3-4]', { clientId: '\ud800' }],
    ['U+0000 in the id [MQTT-1.5.4-2] [311:1.5.3-2]', { clientId: 'a\0' }],
    ['half a pair in the user name [MQTT-3.1.3-12] [311:3.1.3-11]', { userName: '\udc00' }],
    [
      'half a pair in the topic of the will [MQTT-3.1.3-11] [311:3.1.3-10]',
      { will: { ...WILL, topicName: '\ud83d' } },
    ],
    ['a will to no topic [MQTT-4.7.3-1] [311:4.7.3-1]', { will: { ...WILL, topicName: '' } }],
    [
      'a will to many topics [MQTT-4.7.0-1] [311:4.7.1-1] [trap 38]',
      { will: { ...WILL, topicName: 'a/+' } },
    ],
  ])('is not sent with %s', (_fault, over) => {
    for (const level of [4, 5] as const) {
      expect(() => connectBytes({ level, ...over })).toThrow(UnsendableError);
    }
  });

  it('asks for an id only where the version gives one [311:3.1.3-7] [V31-7] [V31-8]', () => {
    const empty = { clientId: '' };
    expect(connectBytes({ ...empty, isCleanStart: false })).toHaveLength(15);
    expect(connectBytes({ ...empty, level: 4 })).toHaveLength(14);
    for (const over of [
      { ...empty, level: 4, isCleanStart: false },
      { ...empty, level: 3 },
      { clientId: 'x'.repeat(24), level: 3 },
    ] as const) {
      expect(() => connectBytes(over)).toThrow(UnsendableError);
    }
  });
});

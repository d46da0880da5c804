import { describe, expect, it } from 'vitest';
import { readPacket } from '../../src/codec/read-packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { connectPacket } from '../support/packets.ts';
import { readerOf } from '../support/read-frame.ts';
import { refusalOf, testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('connect.hex');
testVectors('connect-refused.hex');
testVectors('connect-payload-refused.hex');

describe('the level of the reader', () => {
  it.each([
    [5, hex`10 0e 00 04 4d 51 54 54 05 02 00 3c 00 00 01 74`],
    [4, hex`10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 74`],
    [3, hex`10 0f 00 06 4d 51 49 73 64 70 03 02 00 3c 00 01 74`],
  ] as const)('becomes %i by what CONNECT says', (level, frame) => {
    const r = readerOf(frame, level === 5 ? 4 : 5);
    readPacket(r);
    expect(r.level).toBe(level);
  });

  it.each([
    [5, 'above 5 [MQTT-3.1.2-2]', hex`10 08 00 04 4d 51 54 54 06 02`],
    [5, 'with the bit of a bridge', hex`10 08 00 04 4d 51 54 54 84 02`],
    [4, 'below 4 [311:3.1.2-2]', hex`10 08 00 04 4d 51 54 54 00 02`],
    [3, 'of MQIsdp but 3 [V31-30]', hex`10 0a 00 06 4d 51 49 73 64 70 05 02`],
  ] as const)('is %i to answer a level %s', (level, _what, frame) => {
    const r = readerOf(frame);
    expect(refusalOf(() => readPacket(r)).reasonCode).toBe(0x84);
    expect(r.level).toBe(level);
  });
});

const will = {
  topicName: 'w',
  payload: hex`00`,
  qos: 0,
  isRetained: false,
  properties: {},
} as const;

it.each([
  ['properties before 5.0', { level: 4, properties: { receiveMaximum: 1 } }],
  ['will properties before 5.0', { level: 4, will: { ...will, properties: { contentType: '' } } }],
  ['a password alone before 5.0 [311:3.1.2-22]', { level: 4, password: hex`00` }],
  ['a password alone before 5.0 [V31-12]', { level: 3, password: hex`00` }],
  ['authentication data without a method', { properties: { authenticationData: hex`00` } }],
  ['an empty id for a session [311:3.1.3-7]', { level: 4, clientId: '', isCleanStart: false }],
  ['an empty id in 3.1 [V31-8]', { level: 3, clientId: '' }],
  ['an id of more than 23 characters in 3.1 [V31-7]', { level: 3, clientId: 'a'.repeat(24) }],
  ['a wildcard in the will topic [MQTT-4.7.0-1]', { will: { ...will, topicName: '#' } }],
  ['an empty will topic [MQTT-4.7.3-1]', { will: { ...will, topicName: '' } }],
  ['a keep alive of more than two bytes', { keepAliveSeconds: 65_536 }],
  ['half a surrogate pair [MQTT-3.1.3-4]', { clientId: '\ud83d' }],
  ['U+0000 in the user name [MQTT-1.5.4-2]', { userName: '\0' }],
] as const)('does not send %s', (_what, over) => {
  expect(() => writeFrame(connectPacket(over))).toThrow(UnsendableError);
});

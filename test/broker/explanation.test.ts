import { expect, it } from 'vitest';
import { NO_TERMS } from '../../src/broker/client-terms.ts';
import { explain, withoutExplanation } from '../../src/broker/explanation.ts';
import type { Packet } from '../../src/codec/packet.ts';
import { publishPacket } from '../support/packets.ts';

it('gives a Reason String to who can read it, and has not declined [MQTT-3.1.2-29]', () => {
  expect(explain({ level: 5, terms: NO_TERMS }, 'x')).toEqual({ reasonString: 'x' });
  expect(explain({ level: 4, terms: NO_TERMS }, 'x')).toEqual({});
  const terms = { ...NO_TERMS, wantsProblemInformation: false };
  expect(explain({ level: 5, terms }, 'x')).toEqual({});
});

const EXPLAINED = { reasonString: 'because', userProperty: [['a', 'b']] } as const;
const ACK = { packetId: 1, reasonCode: 0x80, properties: EXPLAINED } as const;

it.each<[string, Packet, Packet['type']]>([
  [
    'CONNACK [MQTT-3.2.2-19] [MQTT-3.2.2-20]',
    { type: 'connack', isSessionPresent: false, reasonCode: 0x80, properties: EXPLAINED },
    'connack',
  ],
  ['PUBACK [MQTT-3.4.2-2] [MQTT-3.4.2-3]', { ...ACK, type: 'puback' }, 'puback'],
  ['PUBREC [MQTT-3.5.2-2] [MQTT-3.5.2-3]', { ...ACK, type: 'pubrec' }, 'pubrec'],
  ['PUBREL [MQTT-3.6.2-2] [MQTT-3.6.2-3]', { ...ACK, type: 'pubrel' }, 'pubrel'],
  ['PUBCOMP [MQTT-3.7.2-2] [MQTT-3.7.2-3]', { ...ACK, type: 'pubcomp' }, 'pubcomp'],
  [
    'SUBACK [MQTT-3.9.2-1] [MQTT-3.9.2-2]',
    { type: 'suback', packetId: 1, reasonCodes: [0x80], properties: EXPLAINED },
    'suback',
  ],
  [
    'UNSUBACK [MQTT-3.11.2-1] [MQTT-3.11.2-2]',
    { type: 'unsuback', packetId: 1, reasonCodes: [0x80], properties: EXPLAINED },
    'unsuback',
  ],
  [
    'DISCONNECT [MQTT-3.14.2-3] [MQTT-3.14.2-4]',
    { type: 'disconnect', reasonCode: 0x80, properties: EXPLAINED },
    'disconnect',
  ],
])('takes it from %s', (_clauses, packet, type) => {
  expect(withoutExplanation(packet)).toEqual({ ...packet, type, properties: {} });
});

it('leaves what means something in AUTH [MQTT-3.15.2-2] [MQTT-3.15.2-3]', () => {
  const own = { authenticationMethod: 'x' };
  const auth = { type: 'auth', reasonCode: 0x18, properties: { ...own, ...EXPLAINED } } as const;
  expect(withoutExplanation(auth)).toEqual({ ...auth, properties: own });
});

it('finds nothing to take from a message, nor from what explains nothing', () => {
  const { userProperty } = EXPLAINED;
  expect(withoutExplanation(publishPacket({ properties: { userProperty } }))).toBeUndefined();
  expect(withoutExplanation({ type: 'pingresp' })).toBeUndefined();
  const connack = {
    type: 'connack',
    isSessionPresent: false,
    reasonCode: 0,
    properties: { receiveMaximum: 1 },
  } as const;
  expect(withoutExplanation(connack)).toBeUndefined();
});

import { expect, it } from 'vitest';
import type { AckPacket } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('acks.hex');

function ack(over: Partial<AckPacket>): AckPacket {
  return { type: 'puback', packetId: 1, reasonCode: 0, properties: {}, ...over };
}

it('is as long as what it says', () => {
  expect(writeFrame(ack({}))).toEqual(hex`40 02 00 01`);
  expect(writeFrame(ack({ reasonCode: 0x10 }))).toEqual(hex`40 03 00 01 10`);
  expect(writeFrame(ack({ properties: { reasonString: '' } }))).toEqual(
    hex`40 07 00 01 00 03 1f 00 00`,
  );
});

it.each([
  ['a code of SUBACK in PUBACK [MQTT-3.4.2-1]', { reasonCode: 0x01 }],
  ['a code of DISCONNECT in PUBREC [MQTT-3.5.2-1]', { type: 'pubrec', reasonCode: 0x93 }],
  ['a code of PUBACK in PUBREL [MQTT-3.6.2-1]', { type: 'pubrel', reasonCode: 0x10 }],
  ['a code of PUBACK in PUBCOMP [MQTT-3.7.2-1]', { type: 'pubcomp', reasonCode: 0x80 }],
  ['packet id 0', { packetId: 0 }],
] as const)('does not send %s', (_what, over) => {
  expect(() => writeFrame(ack(over))).toThrow(UnsendableError);
});

it.each([
  ['a code', { reasonCode: 0x80 }],
  ['properties', { properties: { reasonString: 'x' } }],
])('does not send %s before 5.0', (_what, over) => {
  expect(() => writeFrame(ack(over), 4)).toThrow(UnsendableError);
});

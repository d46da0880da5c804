import { expect, it } from 'vitest';
import type { SubackPacket } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('suback.hex');

function suback(...reasonCodes: number[]): SubackPacket {
  return { type: 'suback', packetId: 1, properties: {}, reasonCodes };
}

it.each([
  ['a code of PUBACK', 5, 0x10],
  ['a failure with a reason [311:3.9.3-2]', 4, 0x87],
  ['the failure that 3.1.1 brought [V31-17]', 3, 0x80],
] as const)('does not send %s', (_what, level, code) => {
  expect(() => writeFrame(suback(code), level)).toThrow(UnsendableError);
});

it('does not send an answer without a code [MQTT-3.8.4-7]', () => {
  expect(() => writeFrame(suback(), 5)).toThrow(UnsendableError);
});

it('does not leave out properties that a version cannot say', () => {
  const packet = { ...suback(0), properties: { reasonString: 'x' } };
  expect(() => writeFrame(packet, 4)).toThrow(UnsendableError);
});

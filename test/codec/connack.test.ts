import { expect, it } from 'vitest';
import { connackInTodaysCode } from '../../src/codec/connack.ts';
import type { ConnackPacket } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('connack.hex');

function connack(over: Partial<ConnackPacket> = {}): ConnackPacket {
  return { type: 'connack', isSessionPresent: false, reasonCode: 0, properties: {}, ...over };
}

it('leaves out of 3.1 that a session is present [V31-15] [V31-42]', () => {
  expect(writeFrame(connack({ isSessionPresent: true }), 3)).toEqual(hex`20 02 00 00`);
});

it.each([
  ['a session that is present in a refusal [MQTT-3.2.2-6]', 5, { reasonCode: 0x80 }],
  ['a session that is present in a refusal [311:3.2.2-4]', 4, { reasonCode: 5 }],
  ['properties before 5.0', 4, { properties: { serverKeepAlive: 1 } }],
] as const)('does not send %s', (_what, level, over) => {
  expect(() => writeFrame(connack({ isSessionPresent: true, ...over }), level)).toThrow(
    UnsendableError,
  );
});

it.each([
  [5, 5],
  [4, 6],
  [3, 0x87],
  [4, -1],
  [5, 0.5],
] as const)('does not send in version %i the code %d [MQTT-3.2.2-8]', (level, reasonCode) => {
  expect(() => writeFrame(connack({ reasonCode }), level)).toThrow(UnsendableError);
});

it('says the return codes of older versions as reason codes of 5.0', () => {
  const codes = [0, 1, 2, 3, 4, 5].map((reasonCode) => {
    return connackInTodaysCode(connack({ reasonCode }), 4).reasonCode;
  });
  expect(codes).toEqual([0, 0x84, 0x85, 0x88, 0x86, 0x87]);
  expect(connackInTodaysCode(connack({ reasonCode: 0x84 }), 5).reasonCode).toBe(0x84);
});

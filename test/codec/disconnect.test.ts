import { expect, it } from 'vitest';
import type { AuthPacket, DisconnectPacket } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('disconnect.hex');

function disconnect(over: Partial<DisconnectPacket> = {}): DisconnectPacket {
  return { type: 'disconnect', reasonCode: 0, properties: {}, ...over };
}

function auth(over: Partial<AuthPacket> = {}): AuthPacket {
  const properties = { authenticationMethod: 'm' };
  return { type: 'auth', reasonCode: 0x18, properties, ...over };
}

it('is as long as what it says [trap 25]', () => {
  expect(writeFrame(disconnect())).toEqual(hex`e0 00`);
  expect(writeFrame(disconnect({ reasonCode: 4 }))).toEqual(hex`e0 01 04`);
  expect(writeFrame(disconnect({ properties: { sessionExpiryInterval: 0 } }))).toEqual(
    hex`e0 07 00 05 11 00 00 00 00`,
  );
});

it.each([
  ['a code of CONNACK', 5, disconnect({ reasonCode: 0x86 })],
  ['a code before 5.0', 4, disconnect({ reasonCode: 0x80 })],
  ['properties before 5.0', 3, disconnect({ properties: { reasonString: '' } })],
  ['AUTH before 5.0', 4, auth()],
  ['AUTH without its method [MQTT-4.12.0-5]', 5, auth({ properties: {} })],
  ['a code that AUTH does not have [MQTT-3.15.2-1]', 5, auth({ reasonCode: 0x87 })],
] as const)('does not send %s', (_what, level, packet) => {
  expect(() => writeFrame(packet, level)).toThrow(UnsendableError);
});

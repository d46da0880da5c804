import { expect, it } from 'vitest';
import {
  firstByteOf,
  PACKET_TYPES,
  type PacketName,
  packetNameOf,
} from '../../src/codec/packet-type.ts';

/** Table 2-1 and 2-2: first byte and who sends it. */
it.each([
  ['connect', 0x10, 'client'],
  ['connack', 0x20, 'server'],
  ['puback', 0x40, 'either'],
  ['pubrec', 0x50, 'either'],
  ['pubrel', 0x62, 'either'],
  ['pubcomp', 0x70, 'either'],
  ['subscribe', 0x82, 'client'],
  ['suback', 0x90, 'server'],
  ['unsubscribe', 0xa2, 'client'],
  ['unsuback', 0xb0, 'server'],
  ['pingreq', 0xc0, 'client'],
  ['pingresp', 0xd0, 'server'],
  ['disconnect', 0xe0, 'either'],
  ['auth', 0xf0, 'either'],
] as const)('gives %s the first byte %i [MQTT-2.1.3-1] [311:2.2.2-1]', (name, byte, sentBy) => {
  expect(firstByteOf(name)).toBe(byte);
  expect(packetNameOf(byte)).toBe(name);
  expect(PACKET_TYPES[name].sentBy).toBe(sentBy);
});

it('tells the type by the upper half of the byte alone', () => {
  for (const name of Object.keys(PACKET_TYPES) as PacketName[]) {
    const { code } = PACKET_TYPES[name];
    expect(packetNameOf((code << 4) | 0xf)).toBe(name);
  }
  expect(packetNameOf(0x3d)).toBe('publish');
  expect(packetNameOf(0x0f)).toBeUndefined();
});

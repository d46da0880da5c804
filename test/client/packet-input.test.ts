import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { PacketInput } from '../../src/client/packet-input.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { hex } from '../support/hex.ts';

const CONNACK = hex`20 03 00 00 00`;
const PUBLISH = hex`30 05 00 01 61 00 78`;

function reading(level: ProtocolLevel = 5, packetBytesMax = Number.POSITIVE_INFINITY) {
  const packets: Packet[] = [];
  const input = new PacketInput(level, packetBytesMax, (packet) => packets.push(packet));
  return { input, packets };
}

it('reads packets however they are cut [trap 88]', () => {
  const whole = Buffer.concat([CONNACK, PUBLISH, PUBLISH]);
  for (let cut = 1; cut < whole.length; cut += 1) {
    const { input, packets } = reading();
    input.push(whole.subarray(0, cut));
    input.push(whole.subarray(cut));
    expect(packets.map((packet) => packet.type)).toEqual(['connack', 'publish', 'publish']);
  }
});

it('stops within a chunk', () => {
  const packets: Packet[] = [];
  const input = new PacketInput(5, 100, (packet) => {
    packets.push(packet);
    input.stop();
  });
  input.push(Buffer.concat([CONNACK, PUBLISH]));
  expect(packets).toHaveLength(1);
});

describe('CONNACK', () => {
  it.each<[number, number]>([
    [1, 0x84],
    [2, 0x85],
    [3, 0x88],
    [4, 0x86],
    [5, 0x87],
  ])('with return code %i says reason code %i', (code, reasonCode) => {
    for (const level of [3, 4, 5] as const) {
      const { input, packets } = reading(level);
      input.push(Buffer.from([0x20, 2, 0, code]));
      expect(packets).toMatchObject([{ type: 'connack', reasonCode }]);
    }
  });

  it('accepts in the form of its own version alone [MQTT-2.2.2-1]', () => {
    expect(() => reading(5).input.push(hex`20 02 00 00`)).toThrow(
      expect.objectContaining({ rule: 'property-length-missing' }),
    );
  });

  it.each([
    ['PUBLISH', hex`30`],
    ['PINGRESP', hex`d0`],
    ['a reserved type', hex`00`],
    ['AUTH before 5.0', hex`f0`],
  ])('must come before %s, which is refused by its header [MQTT-3.2.0-1]', (_, header) => {
    const { input } = reading(4);
    expect(() => input.push(Buffer.concat([header, hex`7f`]))).toThrow();
  });
});

it('refuses a packet above the limit by its header [MQTT-3.1.2-24]', () => {
  const { input, packets } = reading(5, PUBLISH.length);
  input.push(Buffer.concat([CONNACK, PUBLISH]));
  expect(packets).toHaveLength(2);
  expect(() => input.push(hex`30 06`)).toThrow(
    expect.objectContaining({ rule: 'packet-too-large', clauses: ['MQTT-3.1.2-24'] }),
  );
});

it('knows which side it listens to [MQTT-4.13.1-1]', () => {
  const { input } = reading();
  input.push(CONNACK);
  expect(() => input.push(hex`c0 00`)).toThrow(expect.objectContaining({ rule: 'direction' }));
});

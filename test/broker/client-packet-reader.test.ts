import { expect, it } from 'vitest';
import { ClientPacketReader } from '../../src/broker/client-packet-reader.ts';
import type { Packet } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import type { UserProperty } from '../../src/codec/properties.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { connectPacket, publishPacket } from '../support/packets.ts';

const reader = new ClientPacketReader({ textRule: 'strict' });

function read(packet: Packet): Packet {
  const bytes = writePacket(new PacketWriter(), packet, 5);
  reader.level = 5;
  reader.reset(bytes, 0, bytes.length);
  return readPacket(reader);
}

function pairs(count: number): { userProperty: UserProperty[] } {
  return { userProperty: Array.from({ length: count }, () => ['n', 'v'] as const) };
}

it('takes a thousand user properties in each packet, and reads no more', () => {
  const most = publishPacket({ properties: pairs(1_000) });
  expect([read(most), read(most)]).toEqual([most, most]);
  expect(() => read(publishPacket({ properties: pairs(1_001) }))).toThrow(
    expect.objectContaining({ name: 'LimitError', reason: 'quotaExceeded' }),
  );
  const at = reader.position;
  expect(() => read(publishPacket({ properties: pairs(100_000) }))).toThrow('1000');
  expect(reader.position - at).toBeLessThan(10);
});

it('counts those of a will with those of its CONNECT', () => {
  const will = { ...publishPacket(), qos: 0, properties: pairs(600) } as const;
  const connect = (count: number) => connectPacket({ will, properties: pairs(count) });
  expect(read(connect(400))).toMatchObject({ type: 'connect' });
  expect(() => read(connect(401))).toThrow(expect.objectContaining({ reason: 'quotaExceeded' }));
});

it('leaves what is odd to the standard where it is to', () => {
  const spec = new ClientPacketReader({ textRule: 'spec' });
  const packet = publishPacket({ topicName: 'a\u0001' });
  const bytes = writePacket(new PacketWriter(), packet, 5);
  spec.reset(bytes, 0, bytes.length);
  expect(readPacket(spec)).toEqual(packet);
  expect(() => read(packet)).toThrow(
    expect.objectContaining({ rule: 'text-odd', offset: 5, what: 'topicName holds U+0001' }),
  );
});

it('takes odd texts where they name nothing', () => {
  const packet = publishPacket({ properties: { contentType: 'a\nb', userProperty: [['\t', '']] } });
  expect(read(packet)).toEqual(packet);
});

it('is told that clients have sent what it reads', () => {
  expect(() => read(publishPacket({ properties: { subscriptionIdentifier: [1] } }))).toThrow(
    expect.objectContaining({ rule: 'sub-id-from-client' }),
  );
});

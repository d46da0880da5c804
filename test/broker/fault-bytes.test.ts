import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultBytes } from '../../src/broker/fault-bytes.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { connectBytes, frame, willOf } from '../support/conformance.ts';
import { hex } from '../support/hex.ts';
import { connectPacket, publishPacket } from '../support/packets.ts';

/** A byte that no field but a secret one has. */
const SECRET = 0xa7;
const SECRET_BYTES = Buffer.alloc(6, SECRET);

function encode(packet: Packet, level: ProtocolLevel = 5): Buffer {
  return Buffer.from(writePacket(new PacketWriter(), packet, level));
}

/** Each byte of a packet as the log shows it, wherever the fault is. */
function shownOf(packet: Buffer, level: ProtocolLevel = 5): string[] {
  return Array.from(packet, (_byte, at) => {
    const { bytes = '', bytes_from: from = 0 } = faultBytes(packet, at, level);
    return bytes.slice((at - from) * 2, (at - from) * 2 + 2);
  });
}

describe('what is shown', () => {
  it('is the packet with its payload covered', () => {
    const packet = hex`36 0c 00 05 72 6f 6f 6d 31 00 07 00 68 69`;
    expect(faultBytes(packet, 0, 5)).toEqual({
      packet: 'PUBLISH',
      bytes: '360c0005726f6f6d31000700****',
      bytes_from: 0,
    });
  });

  it('is 16 bytes before the fault and 16 from it on', () => {
    const topicName = 'abcdefghijklmnopqrstuvwxyz'.repeat(2);
    const packet = encode(publishPacket({ topicName }));
    const { bytes, bytes_from: from } = faultBytes(packet, 30, 5);
    expect([bytes, from]).toEqual([packet.subarray(14, 46).toString('hex'), 14]);
    expect(faultBytes(packet, 0, 5).bytes).toBe(packet.subarray(0, 16).toString('hex'));
  });

  it('is the end where the fault is that more should come', () => {
    const packet = hex`82 03 00 01 00`;
    expect(faultBytes(packet, 5, 4)).toMatchObject({ bytes: '82030001**', packet: 'SUBSCRIBE' });
  });

  it('is a header where no more is at hand', () => {
    expect(faultBytes(hex`30 ff ff 7f`, 1, 5)).toMatchObject({ bytes: '30ffff7f' });
    expect(faultBytes(hex`00 05`, 0, 5)).toEqual({
      packet: undefined,
      bytes: '00**',
      bytes_from: 0,
    });
  });

  it('is the type alone where no byte is to blame', () => {
    expect(faultBytes(hex`c0 00`, undefined, 5)).toEqual({ packet: 'PINGREQ' });
  });
});

describe('what is covered', () => {
  const connect = connectPacket({
    userName: 'dev7',
    password: SECRET_BYTES,
    will: willOf({ payload: SECRET_BYTES }),
    properties: { authenticationMethod: 'm', authenticationData: SECRET_BYTES },
  });

  it('is password, authentication data and payload of the will in CONNECT, lengths too', () => {
    const packet = encode(connect);
    packet.writeUInt8(0x80 | 0x40 | 0x04 | 0x03, 9); // The reserved flag is the fault.
    const shown = shownOf(packet);
    const covered = shown.filter((byte) => byte === '**').length;
    expect(covered).toBe(3 * (2 + SECRET_BYTES.length));
    expect(shown.join('')).toContain(Buffer.from('dev7').toString('hex'));
  });

  it('is authentication data in AUTH', () => {
    const properties = { authenticationMethod: 'm', authenticationData: SECRET_BYTES };
    const shown = shownOf(encode({ type: 'auth', reasonCode: 0x18, properties }));
    expect(shown.slice(0, 9)).toEqual(['f0', '0f', '18', '0d', '15', '00', '01', '6d', '16']);
    expect(new Set(shown.slice(9))).toEqual(new Set(['**']));
  });

  it('is all but the fixed beginning of a CONNECT that cannot be read to its end', () => {
    const packet = encode(connect);
    packet.writeUInt16BE(5, packet.length - SECRET_BYTES.length - 2);
    const shown = shownOf(packet);
    expect(shown.slice(0, 12).join('')).toBe(packet.subarray(0, 12).toString('hex'));
    expect(new Set(shown.slice(12))).toEqual(new Set(['**']));
  });

  it.each([
    ['an unknown level', { level: 6 }, 9],
    ['an unknown name', { name: 'MQTX' }, 2],
  ])('is all behind %s', (_what, parts, shownCount) => {
    const shown = shownOf(connectBytes({ ...parts, payload: 'a7a7 a7a7' }));
    expect(shown.indexOf('**')).toBe(shownCount);
    expect(new Set(shown.slice(shownCount))).toEqual(new Set(['**']));
  });

  it('is what follows the id of a PUBLISH whose properties have no end', () => {
    const shown = shownOf(frame(0x32, '0001 74 0001 7f a7a7'));
    expect(shown.join('')).toBe('32080001740001******');
  });

  it('is what may be topic or payload, where the topic has no end', () => {
    expect(shownOf(frame(0x30, '00ff 74 a7a7')).join('')).toBe('300500ff******');
  });

  it('is what stands behind the last field that was read, in any other packet', () => {
    expect(shownOf(frame(0x82, '0001 00 00ff a7a7')).join('')).toBe('820700010000ff****');
    expect(shownOf(frame(0xc0, 'a7a7')).join('')).toBe('c002****');
  });

  it.each([
    ['has the number of another property', 17, 8],
    ['stands in a method that is too long', 15, 10],
  ])('is authentication data that %s', (_what, at, byte) => {
    const packet = encode(connectPacket({ properties: connect.properties }));
    packet[at] = byte;
    expect(new Set(shownOf(packet).slice(12))).toEqual(new Set(['**']));
  });

  it('is no client id, but in a CONNECT whose texts are none', () => {
    const covered = shownOf(connectBytes({ flags: 0x03, payload: '0002 6331' }));
    expect(covered).not.toContain('**');
    for (const clientId of ['ff31', '0031']) {
      const shown = shownOf(connectBytes({ payload: `0002 ${clientId}` }));
      expect(new Set(shown.slice(12))).toEqual(new Set(['**']));
    }
    expect(shownOf(frame(0x30, '0002 ff31')).join('')).toBe('30040002ff31');
  });

  interface Mutation {
    readonly kind: 'set' | 'cut' | 'add';
    readonly at: number;
    readonly byte: number;
  }

  /** One byte is another, or the packet is cut, or goes on: and its length says so. */
  const mutation: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'cut', 'add'),
    at: fc.nat(200),
    byte: fc.nat(255).filter((byte) => byte !== SECRET),
  });

  function mutate(packet: Buffer, { at, byte, kind }: Mutation): Buffer {
    const body = packet.subarray(2);
    if (kind === 'add') {
      const added = Buffer.concat([body, Buffer.alloc((at % 5) + 1, SECRET)]);
      return Buffer.concat([Buffer.of(packet[0] ?? 0, added.length), added]);
    }
    const index = at % body.length;
    if (kind === 'cut') {
      return Buffer.concat([Buffer.of(packet[0] ?? 0, index), body.subarray(0, index)]);
    }
    const set = Buffer.from(packet);
    set[2 + index] = byte;
    return set;
  }

  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 5 });
  const credentials = fc
    .record({ clientId: name, userName: name, hasWill: fc.boolean(), isNew: fc.boolean() })
    .map(({ clientId, hasWill, isNew, userName }) => {
      const level: ProtocolLevel = isNew ? 5 : 4;
      const will = hasWill ? willOf({ payload: SECRET_BYTES }) : undefined;
      const properties = isNew ? connect.properties : {};
      const parts = { clientId, userName, password: SECRET_BYTES, will, level, properties };
      return encode(connectPacket(parts), level);
    });

  const auth = name.map((authenticationMethod) => {
    const properties = { authenticationMethod, authenticationData: SECRET_BYTES };
    return encode({ type: 'auth', reasonCode: 0x18, properties });
  });

  it('holds all secrets, however the CONNECT or AUTH is broken', () => {
    fc.assert(
      fc.property(fc.oneof(credentials, auth), mutation, (packet, change) => {
        expect(shownOf(mutate(packet, change))).not.toContain('a7');
      }),
      { numRuns: 1_000 },
    );
  });
});

it('goes on for no longer than anybody needs', () => {
  const many = Buffer.concat(Array.from({ length: 200_000 }, () => hex`0b 01`));
  const length = Buffer.of(0x80 | (many.length & 0x7f), 0x80 | ((many.length >> 7) & 0x7f), 0x18);
  const body = Buffer.concat([hex`00 01 74`, length, many]);
  const size = Buffer.of(
    0x80 | (body.length & 0x7f),
    0x80 | ((body.length >> 7) & 0x7f),
    body.length >> 14,
  );
  const packet = Buffer.concat([Buffer.of(0x38), size, body]);
  expect(faultBytes(packet, 0, 5).bytes).toMatch(/^38[0-9a-f]{6}000174\*+$/);
});

it('is in the log with what was wrong', () => {
  const world = new BrokerWorld();
  const client = world.connect();
  client.sendBytes(hex`36 0c 00 05 72 6f 6f 6d 31 00 07 00 68 69`);
  expect(world.events.at(-1)).toMatchObject({
    event: 'disconnect',
    fields: { packet: 'PUBLISH', offset: 0, bytes: '360c0005726f6f6d31000700****', bytes_from: 0 },
  });
  const early = world.open();
  early.sendBytes(hex`30 03 00 01 74`);
  expect(world.events.at(-1)).toMatchObject({
    event: 'connect_refused',
    fields: { packet: undefined, offset: 0, bytes: '3003' },
  });
  const large = new BrokerWorld({ packetBytesMax: 100 });
  large.connect().sendBytes(hex`30 ff 7f`);
  expect(large.events.at(-1)?.fields).toMatchObject({ packet: 'PUBLISH', bytes: '30ff7f' });
});

it("is not in the log of an end that is nobody's packet", () => {
  const world = new BrokerWorld();
  world.connect({ keepAliveSeconds: 10 }).send({ type: 'pingreq' });
  world.advance(20);
  expect(world.events.at(-1)?.fields).toMatchObject({ code: '0x8D', packet: undefined });
});

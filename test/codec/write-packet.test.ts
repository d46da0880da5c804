import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { PROPERTIES } from '../../src/codec/properties.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { packets, packetsOf } from '../support/packet-arbitraries.ts';
import { readerOf, readFrame } from '../support/read-frame.ts';
import { writeFrame } from '../support/write-frame.ts';

it.each([3, 4, 5] as const)('writes at level %i what reads back as the same', (level) => {
  const w = new PacketWriter();
  fc.assert(
    fc.property(packetsOf(level), (packet) => {
      const bytes = Buffer.from(writePacket(w, packet, level));
      const r = readerOf(bytes, packet.type === 'connect' ? 5 : level);
      expect(readPacket(r)).toEqual(packet);
      expect(r.level).toBe(level);
      expect(writeFrame(readFrame(bytes, level), level).equals(bytes)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

it('writes every type at every level that has it', () => {
  const written = new Set<string>();
  fc.assert(
    fc.property(packets, ({ level, packet }) => {
      written.add(`${packet.type} ${level}`);
      return writeFrame(packet, level).length > 0;
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(written.size).toBe(3 * 14 + 1);
});

describe('what may not be sent', () => {
  /** Each makes one field of a packet wrong for every version, if the packet has that field. */
  const FAULTS: ((packet: Packet) => object | undefined)[] = [
    (packet) => ('packetId' in packet ? { packetId: wrongId(packet) } : undefined),
    (packet) => ('topicName' in packet ? { topicName: `${packet.topicName}#` } : undefined),
    (packet) => ('topicName' in packet ? { topicName: 'a\0' } : undefined),
    (packet) => ('topicName' in packet ? { topicName: '\ud800' } : undefined),
    (packet) => ('topicFilters' in packet ? { topicFilters: ['a', 'b+'] } : undefined),
    (packet) => ('topicFilters' in packet ? { topicFilters: [] } : undefined),
    (packet) => ('subscriptions' in packet ? { subscriptions: [] } : undefined),
    (packet) => ('clientId' in packet ? { clientId: 'a\0b' } : undefined),
    (packet) => ('clientId' in packet ? { clientId: '\udfff' } : undefined),
    (packet) => ('clientId' in packet ? { keepAliveSeconds: 65_536 } : undefined),
    (packet) => ('clientId' in packet ? { userName: 'ä'.repeat(32_768) } : undefined),
    (packet) => ('reasonCode' in packet ? { reasonCode: 0x7f } : undefined),
    (packet) => ('reasonCodes' in packet ? { reasonCodes: [0x7f] } : undefined),
  ];

  it.each(FAULTS.map((fault) => [String(fault), fault] as const))(
    'throws UnsendableError and nothing else: %s',
    (_text, fault) => {
      let count = 0;
      fc.assert(
        fc.property(packets, ({ level, packet }) => {
          const change = fault(packet);
          if (change === undefined) return;
          count += 1;
          const wrong = { ...packet, ...change } as Packet;
          expect(() => writeFrame(wrong, level)).toThrow(UnsendableError);
        }),
        { numRuns: 300 },
      );
      expect(count).toBeGreaterThan(0);
    },
  );

  function wrongId(packet: Packet): number | undefined {
    return packet.type === 'publish' && packet.qos === 0 ? 1 : 0;
  }

  it('is a property in a packet that may not carry it, or below 5.0', () => {
    const place = fc.constantFrom(...PROPERTIES);
    fc.assert(
      fc.property(packets, place, ({ level, packet }, row) => {
        if (!('properties' in packet)) return;
        if (level === 5 && packet.type in row.in) return;
        const wrong = {
          ...packet,
          properties: { ...packet.properties, [row.name]: plainValue(row) },
        };
        expect(() => writeFrame(wrong as Packet, level)).toThrow(UnsendableError);
      }),
      { numRuns: 500 },
    );
  });

  function plainValue({ kind }: (typeof PROPERTIES)[number]): unknown {
    if (kind === 'utf8') return 'a';
    if (kind === 'pair') return [['a', 'b']];
    if (kind === 'binary') return Buffer.alloc(1);
    return kind === 'varint' ? [1] : 1;
  }

  it.each([3, 4] as const)('is AUTH at level %i', (level: ProtocolLevel) => {
    const packet = { type: 'auth', reasonCode: 0x18, properties: {} } as const;
    expect(() => writeFrame(packet, level)).toThrow(UnsendableError);
  });
});

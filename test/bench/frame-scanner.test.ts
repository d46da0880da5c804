import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FrameScanner,
  type PublishSpan,
  type ScannerTarget,
} from '../../src/bench/frame-scanner.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { hex } from '../support/hex.ts';
import { ackPacket, connackPacket, publishPacket } from '../support/packets.ts';

/** Notes what it is told, each as a line. */
class RecordedTarget implements ScannerTarget {
  readonly told: string[] = [];

  onPublish(bytes: Buffer, { packetId, payloadAt, payloadEnd, qos }: PublishSpan): void {
    const stampEnd = Math.min(payloadAt + 12, payloadEnd);
    const stamp = bytes.toString('hex', payloadAt, stampEnd);
    this.told.push(`publish q${qos} id${packetId} ${payloadEnd - payloadAt} bytes ${stamp}`);
  }

  onAck(type: number, packetId: number): void {
    this.told.push(`ack ${type} ${packetId}`);
  }

  onFrame(frame: Buffer): void {
    this.told.push(`frame ${frame.toString('hex')}`);
  }
}

function scan(level: ProtocolLevel, chunks: readonly Buffer[]): string[] {
  const target = new RecordedTarget();
  const scanner = new FrameScanner(level, target);
  for (const chunk of chunks) scanner.push(chunk);
  return target.told;
}

function frameOf(packet: Packet, level: ProtocolLevel): Buffer {
  return Buffer.from(writePacket(new PacketWriter(), packet, level));
}

/** What the scanner is to say of a packet. */
function expected(packet: Packet, level: ProtocolLevel): string {
  if (packet.type === 'publish') {
    const { packetId = 0, payload, qos } = packet;
    const stamp = payload.toString('hex', 0, 12);
    return `publish q${qos} id${packetId} ${payload.length} bytes ${stamp}`;
  }
  const frame = frameOf(packet, level);
  const types = { puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7 };
  if (packet.type in types && frame.length === 4 && 'packetId' in packet) {
    return `ack ${types[packet.type as keyof typeof types]} ${packet.packetId}`;
  }
  return `frame ${frame.toString('hex')}`;
}

const payloads = fc
  .constantFrom(0, 5, 11, 12, 13, 100, 127, 128, 16_500, 70_000)
  .map((length) => Buffer.from(Array.from({ length }, (_, at) => at & 0xff)));
const publishes = fc
  .record({
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    id: fc.integer({ min: 1, max: 65_535 }),
    topicName: fc.constantFrom('a', 'bench/1/22', 'x'.repeat(300)),
    payload: payloads,
    words: fc.constantFrom(undefined, 'v', 'w'.repeat(200)),
  })
  .map(({ id, payload, qos, topicName, words }) => ({
    level5: words,
    packet: publishPacket({ qos, packetId: qos === 0 ? undefined : id, topicName, payload }),
  }));
const others = fc.constantFrom<Packet>(
  connackPacket(),
  ackPacket('puback', 1),
  ackPacket('pubrec', 258),
  ackPacket('pubrel', 65_535),
  ackPacket('pubcomp', 7),
  { type: 'suback', packetId: 1, properties: NO_PROPERTIES, reasonCodes: [1] },
  { type: 'pingresp' },
);

/** A stream of packets, and what is to be told of it. */
function streams(level: ProtocolLevel) {
  const packets = fc.oneof(
    publishes.map(({ level5, packet }): Packet => {
      if (level !== 5 || level5 === undefined) return packet;
      return { ...packet, properties: { contentType: level5 } };
    }),
    others,
  );
  return fc.array(packets, { maxLength: 12 });
}

describe.each([4, 5] as const)('at level %i', (level) => {
  it('tells the same packets however the stream is cut', () => {
    const cuts = fc.infiniteStream(
      fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3000 })),
    );
    fc.assert(
      fc.property(streams(level), cuts, (packets, lengths) => {
        const chunks: Buffer[] = [];
        let rest = Buffer.concat(packets.map((packet) => frameOf(packet, level)));
        while (rest.length > 0) {
          const cut = lengths.next().value;
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(scan(level, chunks)).toEqual(packets.map((packet) => expected(packet, level)));
      }),
    );
  });
});

it('tells a message when its stamp is there, though the rest of the payload is not', () => {
  const frame = frameOf(publishPacket({ payload: Buffer.alloc(70_000) }), 4);
  const head = 4 + 2 + 3;
  expect(scan(4, [frame.subarray(0, head + 11)])).toEqual([]);
  expect(scan(4, [frame.subarray(0, head + 12)])).toHaveLength(1);
});

it('tells acks with a reason code as frames', () => {
  expect(scan(5, [hex`40 03 00 01 10`, hex`40 02 00 01`])).toEqual(['frame 4003000110', 'ack 4 1']);
});

describe('refuses', () => {
  it.each([
    ['a length without end', 4, hex`90 ff ff ff ff 01`, 'length-too-long'],
    [
      'a property length without end',
      5,
      hex`30 0a 00 01 61 ff ff ff ff 01 00 00`,
      'length-too-long',
    ],
    [
      'a topic that is longer than its packet',
      4,
      hex`30 05 00 09 61 61 61 61 61 61 61 61 61`,
      'field-overrun',
    ],
  ] as const)('%s', (_, level, bytes, rule) => {
    try {
      scan(level, [bytes]);
    } catch (error) {
      expect((error as ProtocolError).rule).toBe(rule);
      return;
    }
    expect.fail('nothing was refused');
  });

  it('to hold more than a megabyte for a packet that is no message', () => {
    const megabyte = Buffer.alloc(1_048_576);
    expect(() => scan(4, [hex`90 ff ff 7f`, megabyte])).toThrow(ProtocolError);
  });
});

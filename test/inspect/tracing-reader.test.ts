import { Buffer } from 'node:buffer';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import type { SenderSide } from '../../src/codec/reason-code.ts';
import { type Inspection, inspectPacket } from '../../src/inspect/inspect-packet.ts';
import { BREACHES_MAX, FIELDS_MAX, TracingReader } from '../../src/inspect/tracing-reader.ts';
import { hex } from '../support/hex.ts';
import { packets } from '../support/packet-arbitraries.ts';
import { PACKET_VECTORS } from '../support/packet-vectors.ts';
import { readerOf } from '../support/read-frame.ts';
import { readVectors } from '../support/vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

const levels = fc.constantFrom<ProtocolLevel>(3, 4, 5);

/** Every vector of the codec, those that are refused too. */
const VECTORS = readdirSync(new URL('../vectors', import.meta.url)).flatMap(readVectors);

/** Whole packets: valid ones with some bytes changed, or a right header before anything. */
const frames: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...PACKET_VECTORS.map(({ bytes }) => bytes)),
        packets.map(({ level, packet }) => writeFrame(packet, level)).filter(isShort),
      ),
      fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const changed = Buffer.from(bytes);
      for (const [at, byte] of changes) if (at !== 1 && at < bytes.length) changed[at] = byte;
      return changed;
    }),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }))
    .map(([first, body]) => Buffer.from([first, body.length, ...body])),
);

/** Its Remaining Length is one byte, which stays as it is when others are changed. */
function isShort({ length }: Buffer): boolean {
  return length < 130;
}

function inspect(bytes: Buffer, level: ProtocolLevel, size = bytes.length): Inspection {
  return inspectPacket(bytes, { level, sender: 'either', size });
}

function placeOf(error: ProtocolError | undefined) {
  return [error?.rule, error?.offset, error?.clauses];
}

function readPlain(bytes: Buffer, level: ProtocolLevel, sender: SenderSide = 'either') {
  const r = readerOf(bytes, level, sender);
  try {
    return { packet: readPacket(r), error: undefined };
  } catch (error) {
    if (error instanceof ProtocolError) return { packet: undefined, error };
    throw error;
  }
}

/** Fields that are no part of a byte join without a gap or an overlap, from the first byte on. */
function expectNoByteLeftOut({ bytes, fields }: Inspection): void {
  let end = 0;
  for (const field of fields) {
    if (field.bits === undefined) {
      expect(field.start, `before ${field.path}`).toBe(end);
      end = field.end;
    } else {
      expect([field.start, field.end], field.path).toEqual([end - 1, end]);
    }
  }
  expect(end).toBe(bytes.length);
}

describe('laws', () => {
  it.each(PACKET_VECTORS)('reads what the plain reader reads: $title', ({ bytes, level }) => {
    const inspection = inspect(bytes, level);
    expect(inspection.breaches).toEqual([]);
    expect(inspection.packet).toEqual(readPlain(bytes, level).packet);
    expectNoByteLeftOut(inspection);
    expect(inspection.fields.map(({ path }) => path)).not.toContain('undecoded');
  });

  it('reads any packet as the plain reader does', () => {
    fc.assert(
      fc.property(packets, ({ level, packet }) => {
        const bytes = writeFrame(packet, level);
        const inspection = inspect(bytes, level);
        expect(inspection.packet).toEqual(readPlain(bytes, level).packet);
        expect(inspection.breaches).toEqual([]);
        expectNoByteLeftOut(inspection);
      }),
    );
  });

  it('judges every vector of the codec as the plain reader does', () => {
    expect(VECTORS.length).toBeGreaterThan(100);
    for (const { bytes, level, name, sender } of VECTORS) {
      const { error } = readPlain(bytes, level, sender);
      const { breaches } = inspectPacket(bytes, { level, sender, size: bytes.length });
      expect(placeOf(breaches[0]?.error), name).toEqual(placeOf(error));
    }
  });

  it('refuses first what the plain reader refuses', () => {
    fc.assert(
      fc.property(frames, levels, (bytes, level) => {
        const { error, packet } = readPlain(bytes, level);
        const inspection = inspect(bytes, level);
        expect(placeOf(inspection.breaches[0]?.error)).toEqual(placeOf(error));
        if (error === undefined) expect(inspection.packet).toEqual(packet);
      }),
      { numRuns: 3000 },
    );
  });

  it('ends any bytes in fields that leave none out', () => {
    fc.assert(
      fc.property(frames, levels, (bytes, level) => expectNoByteLeftOut(inspect(bytes, level))),
      { numRuns: 3000 },
    );
  });

  it('keeps what there is of a packet cut anywhere, and finds no fault in the cut', () => {
    for (const { bytes, level, title } of PACKET_VECTORS) {
      for (let length = 1; length < bytes.length; length += 1) {
        const size = length === 1 ? undefined : bytes.length;
        const cut = inspectPacket(bytes.subarray(0, length), { level, sender: 'either', size });
        expect(cut.breaches, `${title} cut at ${length}`).toEqual([]);
        expect(cut.missingBytes).toBe(length === 1 ? 1 : bytes.length - length);
        expectNoByteLeftOut(cut);
      }
    }
  });
});

it('names each field by its groups, and parts of a byte by their bits', () => {
  const { fields } = inspect(hex`82 08 000a 0003 612f2b 01`, 4);
  expect(fields.at(-3)).toEqual({ path: 'filters[0].options', start: 9, end: 10, value: 1 });
  expect(fields.at(-1)).toEqual({
    path: 'filters[0].options.qos',
    start: 9,
    end: 10,
    value: 1,
    bits: [1, 0],
  });
});

it('shows what there is of a string that is cut', () => {
  const { fields } = inspect(hex`30 09 0005 612f62`, 4, 11);
  const expected = { path: 'topicName', start: 2, end: 7, value: 'a/b', flaw: 'cut' };
  expect(fields.at(-1)).toEqual(expected);
});

it('keeps a string whose length passes the packet [MQTT-4.13.1-1]', () => {
  const { breaches, fields } = inspect(hex`30 05 0009 612f62`, 5);
  expect(breaches[0]?.error).toMatchObject({ rule: 'field-overrun', offset: 4 });
  const expected = { path: 'topicName', start: 2, end: 7, value: 'a/b', flaw: 'overrun' };
  expect(fields.at(-1)).toEqual(expected);
});

it('goes on after a refusal, and finds the next [MQTT-2.2.1-3] [MQTT-4.7.1-1]', () => {
  const { breaches } = inspect(hex`82 09 0000 00 0003 612362 03`, 5);
  const rules = breaches.map(({ error }) => error.rule);
  expect(rules).toEqual(['packet-id-zero', 'filter-wildcard', 'options-qos-3']);
});

it('counts breaches beyond those it keeps', () => {
  const filters = Buffer.alloc(4 * 120, hex`0001 23 03`);
  const { breaches, uncountedBreaches } = inspect(
    Buffer.concat([hex`82 e303 0001 00`, filters]),
    5,
  );
  expect(breaches).toHaveLength(BREACHES_MAX);
  expect(uncountedBreaches).toBe(20);
});

it('keeps no more fields than its limit, and calls the rest undecoded', () => {
  const r = new TracingReader();
  const bytes = Buffer.alloc(FIELDS_MAX + 10);
  r.reset(bytes, 0, bytes.length);
  for (let i = 0; i < bytes.length; i += 1) r.u8('byte');
  r.finish();
  expect(r.fields).toHaveLength(FIELDS_MAX + 1);
  const expected = { path: 'undecoded', start: FIELDS_MAX, end: FIELDS_MAX + 10 };
  expect(r.fields.at(-1)).toMatchObject(expected);
});

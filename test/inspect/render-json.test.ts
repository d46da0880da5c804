import { expect, it } from 'vitest';
import { ConversationReport } from '../../src/inspect/conversation-report.ts';
import {
  renderJson,
  renderJsonGap,
  renderJsonNote,
  renderJsonReport,
} from '../../src/inspect/render-json.ts';
import { StreamReport } from '../../src/inspect/stream-report.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';
import { track } from '../support/track-text.ts';

it('writes a packet with its fields, what it implies, and its bytes', () => {
  const line = renderJson(decodeOne('40 02 0005', 5), false);
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    v: 1,
    type: 'packet',
    n: 1,
    stream: 1,
    dir: 'unknown',
    offset: 0,
    length: 4,
    packet: 'PUBACK',
    version: '5.0',
    version_from: 'option',
    fields: [
      { path: 'type', value: 4, text: 'PUBACK', offset: 0, length: 1, bits: [7, 4] },
      { path: 'flags', value: 0, offset: 0, length: 1, bits: [3, 0] },
      { path: 'remaining_length', value: 2, offset: 1, length: 1 },
      { path: 'packet_id', value: 5, offset: 2, length: 2 },
      { path: 'reason_code', value: 0, text: 'Success', implied: true },
      { path: 'property_length', value: 0, implied: true },
    ],
    findings: [],
    raw: '40020005',
  });
});

it('writes a finding with its clauses, place and bits [MQTT-3.8.3-5]', () => {
  const { findings } = JSON.parse(renderJson(decodeOne('82 07 0001 00 0001 61 41', 5), false));
  expect(findings).toEqual([
    {
      code: 'options-reserved',
      severity: 'malformed',
      clauses: ['MQTT-3.8.3-5'],
      message: 'reserved subscription options are set',
      answer: 'the server answers DISCONNECT 0x81',
      offset: 8,
      length: 1,
      bits: [7, 6],
    },
  ]);
});

it('masks a secret everywhere, unless it is asked for', () => {
  const packet = decodeOne('10 13 0004 4d515454 04 c2 003c 0001 74 0001 75 0001 70');
  const masked = JSON.parse(renderJson(packet, false));
  expect(masked.fields.at(-1)).toEqual({ path: 'password', hidden: true, offset: 18, length: 3 });
  expect(masked.raw).toBeUndefined();
  const open = JSON.parse(renderJson(packet, true));
  expect(open.fields.at(-1)).toMatchObject({ hex: '70', text: 'p' });
  expect(open.raw).toHaveLength(42);
});

it('says what a cut packet lacks', () => {
  const { fields, missing } = JSON.parse(renderJson(decodeOne('30 09 0005 61', 4), false));
  expect(missing).toBe(6);
  expect(fields.at(-1)).toMatchObject({ path: 'topic_name', value: 'a', flaw: 'cut' });
});

it('writes gaps, notes and the summary', () => {
  const { gaps, packets } = decodeChunks(['c000 0000 00']);
  const [gap] = gaps;
  if (gap === undefined) throw new Error('no gap');
  expect(JSON.parse(renderJsonGap(gap))).toMatchObject({ type: 'gap', offset: 2, raw: '000000' });
  expect(JSON.parse(renderJsonGap({ ...gap, isSecret: true })).raw).toBeUndefined();
  expect(JSON.parse(renderJsonNote('x'))).toEqual({ v: 1, type: 'note', message: 'x' });
  const report = new StreamReport();
  for (const packet of packets) report.onPacket(packet);
  report.onGap(gap);
  expect(JSON.parse(renderJsonReport(report, new ConversationReport()))).toEqual({
    v: 1,
    type: 'summary',
    packets: 1,
    bytes: 2,
    types: { PINGREQ: 1 },
    traffic: [{ dir: 'c2s', packet: 'PINGREQ', packets: 1, bytes: 2 }],
    gaps: 1,
    gap_bytes: 3,
    findings: {},
    connections: { count: 0, first: [] },
    unanswered: { count: 0, first: [] },
    silences: { count: 0, first: [] },
    latencies_us: {},
  });
});

it('tells when, and what a packet has to do with others', () => {
  const { packets, report } = track([
    '> 101300044d5154540502003c05110000003c000174 @1795348267242.1',
    '< 2006000003220005 @1795348267244',
    '> 3409 0001 74 0005 03 230002 @1795348267250',
    '< 50020005 @1795348267251.5',
    '> 3006 0000 03 230002 @1795348267252',
    '> 101300044d5154540500003c05110000003c000174',
  ]);
  const lines = packets.map((packet) => JSON.parse(renderJson(packet, false)));
  expect(lines[0]?.ts).toBe('2026-11-22T11:51:07.242100Z');
  expect(lines[3]).toMatchObject({ answers: 3, rtt_us: 1500, qos2: [3, 4], qos2_us: 1500 });
  expect(lines[4]?.alias_topic).toBe('t');
  expect(lines[5]?.resumes).toBe(1);
  const [packet] = packets;
  if (packet === undefined) throw new Error('no packet');
  const answered = { ...packet, links: { answeredBy: { number: 2, ms: 1 } } };
  expect(JSON.parse(renderJson(answered, false)).answered_by).toBe(2);
  expect(JSON.parse(renderJsonReport(new StreamReport(), report))).toMatchObject({
    connections: { count: 2, first: [{ stream: 1, connect: 1, client_id: 't' }, { connect: 6 }] },
    unanswered: { count: 2, first: [{ n: 4, packet: 'PUBREC', packet_id: 5 }, { n: 4 }] },
    latencies_us: { 'PUBLISH QoS 2': { count: 1, min: 1500, median: 1500, max: 1500 } },
  });
});

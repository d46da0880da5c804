import { expect, it } from 'vitest';
import {
  renderJson,
  renderJsonGap,
  renderJsonNote,
  renderJsonReport,
} from '../../src/inspect/render-json.ts';
import { StreamReport } from '../../src/inspect/stream-report.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';

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
  expect(JSON.parse(renderJsonReport(report))).toEqual({
    v: 1,
    type: 'summary',
    packets: 1,
    bytes: 2,
    types: { PINGREQ: 1 },
    gaps: 1,
    gap_bytes: 3,
    findings: {},
  });
});

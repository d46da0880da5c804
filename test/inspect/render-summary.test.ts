import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import {
  renderSummary,
  renderSummaryBody,
  renderSummaryGap,
} from '../../src/inspect/render-summary.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';
import { track } from '../support/track-text.ts';

it.each<[string, ProtocolLevel | undefined, string]>([
  ['32 08 0001 74 0005 00 3231', 5, '1 - ? 1 PUBLISH q=1 id=5 r=0 d=0 topic=t len=2'],
  ['30 06 0003 612062 00', 5, '1 - ? 1 PUBLISH q=0 r=0 d=0 topic="a b" len=0'],
  ['30 06 0003 610a62 00', 5, '1 - ? 1 PUBLISH q=0 r=0 d=0 topic="a\\nb" len=0 !text-odd'],
  ['40 03 0001 42', 5, '1 - ? 1 PUBACK id=1 rc=0x42 !reason-code'],
  ['90 05 0001 00 01 80', 5, '1 - S>C 1 SUBACK id=1 rc=0x01,0x80'],
  ['c0 00', undefined, '1 - C>S 1 PINGREQ'],
  ['00 00', 5, '1 - ? 1 RESERVED type=0 !reserved-type'],
  ['40 02 00', 5, '1 - ? 1 PUBACK !truncated'],
])('sums up %s', (hex, level, line) => {
  const packet = decodeOne(hex, level);
  const line1 = renderSummary(packet, { isFull: false });
  // A field that is cut has no value to show.
  expect(line1.replace(' id=?', '')).toBe(line);
});

it('cuts long strings unless asked for all', () => {
  const hex = `30 ae02 012c ${'61'.repeat(300)}`;
  const { inspection } = decodeOne(hex, 4);
  expect(renderSummaryBody(inspection, false)).toContain('a…+44');
  expect(renderSummaryBody(inspection, true)).not.toContain('…');
});

it('has a line for a gap', () => {
  const [gap] = decodeChunks(['c000 0000 00']).gaps;
  expect(gap === undefined ? '' : renderSummaryGap(gap)).toBe('- - ? 1 GAP at=2 len=3');
});

it('tells when, and what a packet has to do with others', () => {
  const { packets } = track([
    '> 101300044d5154540502003c05110000003c000174 @1000',
    '< 2006000003220005 @1001.9',
    '> 3007 0001 74 03 230002',
    '> 3006 0000 03 230002',
    '> 101300044d5154540500003c05110000003c000174',
  ]);
  const lines = packets.map((one) => renderSummary(one, { isFull: false, startMs: 1000 }));
  expect(lines.slice(1)).toEqual([
    '2 0.002 S>C 1 CONNACK sp=0 rc=0x00 answers=1 ms=1.9',
    '3 - C>S 1 PUBLISH q=0 r=0 d=0 topic=t alias=2 len=0',
    '4 - C>S 1 PUBLISH q=0 r=0 d=0 topic="" alias=2 len=0 is=t',
    '5 - C>S 1 CONNECT v=5 id=t ka=60 clean=0 resumes=1',
  ]);
});

it('says where the version is a guess', () => {
  expect(renderSummary(decodeOne('40020001'), { isFull: false })).toBe(
    '1 - ? 1 PUBACK id=1 assumed=3.1.1',
  );
});

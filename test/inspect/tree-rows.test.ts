import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { shownFields } from '../../src/inspect/shown-field.ts';
import { treeRows } from '../../src/inspect/tree-rows.ts';
import { decodeOne } from '../support/decode-text.ts';

function rows(hex: string, level: ProtocolLevel = 5) {
  const { findings, inspection } = decodeOne(hex, level);
  const { bytes } = inspection;
  return treeRows(shownFields(inspection), { bytes, findings, isFull: false });
}

function texts(hex: string, level: ProtocolLevel = 5): string[] {
  return rows(hex, level).map(({ text }) => text);
}

it('tells type and flags in one row, but for PUBLISH, whose flags mean something', () => {
  expect(texts('c000')[0]).toBe('type: PINGREQ (12), flags 0000');
  expect(texts('33 06 0001 74 0005 00').slice(0, 4)).toEqual([
    'type: PUBLISH (3)',
    '  dup: no',
    '  QoS: 1',
    '  retain: yes',
  ]);
});

it('shows type and flags apart where one of them is wrong', () => {
  expect(texts('80 07 0001 0002 6162 00', 4).slice(0, 3)).toEqual([
    'type: SUBSCRIBE (8), flags 0000',
    '  type: SUBSCRIBE (8)',
    '  flags: 0000',
  ]);
  expect(rows('80 07 0001 0002 6162 00', 4)[2]?.findings).toHaveLength(1);
});

it('tells of the will in one row', () => {
  const row = rows('10 14 0004 4d515454 04 2e 003c 0001 74 0001 77 0002 0001').at(7);
  expect(row).toMatchObject({ text: '  will: yes (retain 1, QoS 1)', bits: [5, 2], byte: 0x2e });
});

it('puts a finding to the row of its bits, of its bytes, or of the last byte before it', () => {
  const found = (hex: string, level: ProtocolLevel) =>
    rows(hex, level)
      .filter(({ findings }) => findings.length > 0)
      .map(({ text }) => text);
  expect(found('10 0d 0004 4d515454 04 1a 003c 0001 74', 4)).toEqual([
    '  will: no (retain 0, QoS 3)',
  ]);
  expect(found('40 02 0000', 5)).toEqual(['packet id: 0']);
  expect(found('82 03 0001 00', 5)).toEqual(['property length: 0']);
});

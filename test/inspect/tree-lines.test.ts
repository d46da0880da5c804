import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { PLAIN_THEME } from '../../src/inspect/theme.ts';
import {
  findingTexts,
  hexOffset,
  paint,
  rowLines,
  type Table,
} from '../../src/inspect/tree-lines.ts';
import type { TreeRow } from '../../src/inspect/tree-rows.ts';
import { decodeOne } from '../support/decode-text.ts';

function table(bytes: Buffer, more: Partial<Table> = {}): Table {
  return {
    theme: PLAIN_THEME,
    bytes,
    offset: 0x20,
    offsetDigits: 4,
    bytesPerRow: 8,
    hasAscii: true,
    isFull: false,
    columns: 120,
    ...more,
  };
}

const [finding] = decodeOne('40 02 0000', 5).findings;
const row: TreeRow = { start: 0, end: 2, text: 'id: 0', role: 'id', findings: [] };

it('breaks bytes into lines, the text beside the first', () => {
  const bytes = Buffer.from('0123456789');
  expect(rowLines({ ...row, end: 10 }, table(bytes))).toEqual([
    '0x0020 │ 30 31 32 33 34 35 36 37 │ 01234567 │ id: 0',
    '0x0028 │ 38 39                   │ 89       │',
  ]);
  const narrow = table(bytes, { hasAscii: false });
  expect(rowLines(row, narrow)).toEqual(['0x0020 │ 30 31                   │ id: 0']);
});

it('puts stars for what is hidden', () => {
  expect(rowLines({ ...row, end: 3, hiddenFrom: 2 }, table(Buffer.from('abc')))[0]).toBe(
    '0x0020 │ 61 62 **                │ ab*      │ id: 0',
  );
});

it('leaves out what is behind 256 bytes, unless asked for all', () => {
  const bytes = Buffer.alloc(300);
  const long = { ...row, end: 300 };
  expect(rowLines(long, table(bytes)).at(-1)).toBe('       │ … +44 bytes             │          │');
  expect(rowLines(long, table(bytes, { isFull: true }))).toHaveLength(38);
});

it('draws carets under every line of the bytes at fault, the words beside the last', () => {
  if (finding === undefined) throw new Error('no finding');
  const wide = { ...finding, span: { start: 6, end: 10 } };
  const lines = rowLines({ ...row, end: 12, findings: [wide] }, table(Buffer.alloc(12)));
  expect(lines.slice(1, 4)).toEqual([
    '       │                   ^^ ^^ │          │',
    '0x0028 │ 00 00 00 00             │ ....     │',
    '       │ ^^ ^^                   │          │ protocol: packet-id-zero [MQTT-2.2.1-3]',
  ]);
});

it('draws carets under the bits at fault', () => {
  if (finding === undefined) throw new Error('no finding');
  const bits = { ...finding, span: { start: 0, end: 1, bits: [2, 1] as const } };
  const part = { ...row, end: 1, bits: [3, 1] as const, byte: 0x06, findings: [bits] };
  expect(rowLines(part, table(Buffer.from([6]))).slice(0, 2)).toEqual([
    '       │ ....011.                │          │ id: 0',
    '       │      ^^                 │          │ protocol: packet-id-zero [MQTT-2.2.1-3]',
  ]);
});

it('says what, the rule with the answer, and the cause', () => {
  if (finding === undefined) throw new Error('no finding');
  expect(findingTexts({ ...finding, likely: undefined }, PLAIN_THEME)).toEqual([
    'protocol: packet-id-zero [MQTT-2.2.1-3]',
    '  an id is 1 to 65535; the receiver answers DISCONNECT 0x82 (or 0x81)',
  ]);
});

it('paints by role, and writes offsets', () => {
  const theme = { ...PLAIN_THEME, id: (text: string) => `<${text}>` };
  expect([paint(theme, 'id', 'x'), paint(theme, undefined, 'x')]).toEqual(['<x>', 'x']);
  expect([hexOffset(42, 4), hexOffset(0x12345, 4)]).toEqual(['0x002a', '0x12345']);
});

it('lets no text run past the width, but goes on in the next line', () => {
  const [broken] = decodeOne('82 09 0000 00 0003 612362 00', 5).findings;
  const wide = {
    ...row,
    text: 'a text '.repeat(12),
    findings: broken === undefined ? [] : [broken],
  };
  const lines = rowLines(wide, table(Buffer.alloc(2), { columns: 80 }));
  expect(lines.length).toBeGreaterThan(5);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('puts what a field says beside all lines of its bytes', () => {
  const long = { ...row, end: 16, text: `payload: ${'x'.repeat(60)}` };
  const lines = rowLines(long, table(Buffer.alloc(16), { columns: 100 }));
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/│ {3}x+$/);
});

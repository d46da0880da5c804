import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { renderGap, renderTree, type TreeOptions } from '../../src/inspect/render-tree.ts';
import { PLAIN_THEME } from '../../src/inspect/theme.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';

function tree(hex: string, level?: ProtocolLevel, more: Partial<TreeOptions> = {}): string[] {
  const options = {
    theme: PLAIN_THEME,
    columns: 100,
    isFlat: false,
    showSecrets: false,
    isFull: false,
    ...more,
  };
  return renderTree(decodeOne(hex, level), options).split('\n');
}

const PUBLISH = '30 0e 0003 612f62 00 3132333435363738'.replaceAll(' ', '');

it.each([
  [132, '0x0008 │ 31 32 33 34 35 36 37 38                         │ 12345678         │ payload'],
  [131, '0x0008 │ 31 32 33 34 35 36 37 38 │ 12345678 │ payload'],
  [80, '0x0008 │ 31 32 33 34 35 36 37 38 │ 12345678 │ payload'],
  [79, '0x0008 │ 31 32 33 34 35 36 37 38 │ payload'],
  [59, '0x0008+8  payload: 8 bytes'],
])('sets out its table for %i columns', (columns, start) => {
  const [line] = tree(PUBLISH, 5, { columns }).slice(-1);
  expect(line?.startsWith(start)).toBe(true);
});

it('has a line per field and no table when asked, findings behind them', () => {
  expect(tree('40 02 0000', 4, { isFlat: true }).slice(1, 6)).toEqual([
    '0x0000+1  type: PUBACK (4)',
    '0x0000+1  flags: 0000',
    '0x0001+1  remaining_length: 2',
    '0x0002+2  packet_id: 0',
    expect.stringMatching(/^protocol: packet-id-zero \[/),
  ]);
});

it('tells what 5.0 would make of a packet whose version is a guess, if that differs', () => {
  expect(tree('30 06 0001 74 00 6869').at(-1)).toBe('as 5.0: PUBLISH q=0 r=0 d=0 topic=t len=2');
  expect(tree('c0 00').at(-1)).not.toContain('as 5.0');
});

it('colours by role', () => {
  const theme = { ...PLAIN_THEME, hidden: (text: string) => `<${text}>` };
  const hex = '10 13 0004 4d515454 04 c2 003c 0001 74 0001 75 0001 70';
  expect(tree(hex, undefined, { theme }).at(-1)).toContain('│ <password: 1 byte, hidden (');
  expect(tree(hex, undefined, { theme, isFlat: true }).at(-1)).toContain('<password: 1 byte');
});

it('says where a gap lies and what it holds', () => {
  const [gap] = decodeChunks(['c000 0d0a53454e44204f4b0d0a 20020000']).gaps;
  expect(gap === undefined ? '' : renderGap(gap, PLAIN_THEME)).toBe(
    'gap  11 bytes skipped  0x0002-0x000c  "\\r\\nSEND OK\\r\\n"',
  );
});

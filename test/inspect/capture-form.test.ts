import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { findForm } from '../../src/inspect/capture-form.ts';
import { textLines } from '../../src/inspect/text-lines.ts';

const XXD = `00000000: 1010 0004 4d51 5454 0402 003c 0004 6465  ....MQTT...<..de
00000010: 7631 8208 000a 0003 612f 2b01 c000       v1......a/+...`;
const HEXDUMP = `00000000  30 3f 00 01 7a 00 00 00  00 00 00 00 00 00 00 00  |0?..z...........|
00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040  00 c0 00                                          |...|
00000043`;
const LABELLED = `connect
10 10 00 04 4D 51 54 54 04 02 00 3C 00 04 64 65 76 31
订阅
82 08 00 0A 00 03 61 2F 2B 01`;
const CONNECT = '101000044d5154540402003c000464657631';

it.each([
  ['what xxd prints', XXD, `${CONNECT}8208000a0003612f2b01c000`],
  ['what xxd -a prints', '00000000: 3003\n*\n00000004: 00  .', '3003300300'],
  ['what xxd prints of hex digits', '00000000: 3130 3030  1000', '31303030'],
  ['what hexdump -C prints', HEXDUMP, `303f00017a${'00'.repeat(60)}c000`],
  ['hex with labels', LABELLED, `${CONNECT}8208000a0003612f2b01`],
  ['hex alone on its line', '> 20020000', '20020000'],
  ['the longest run of a line, the first on a tie', 'a1 b2 x c3 d4 e5 y 11 22 33', 'c3d4e5'],
  ['what od -b prints', '0000000 060 003 000\n*\n0000006 001\n0000007', '30030030030001'],
  ['C source', 'uint8_t c[] = {0x10, 0x0, 0x04}; // 0x99', '100004'],
])('reads %s', (_what, text, bytes) => {
  const lines = textLines(text);
  const { blocks = [] } = findForm(lines)?.read(lines) ?? {};
  expect(Buffer.concat(blocks.map((block) => block.bytes)).toString('hex')).toBe(bytes);
});

it.each(['hello world', 'deadbeef', 'a dead end', '', 'session.pcap'])(
  'finds no form in %j',
  (text) => {
    expect(findForm(textLines(text))).toBeUndefined();
  },
);

it('says which hex of a line it left out', () => {
  const lines = textLines('c0 00\n10 0g 00 04 4d');
  expect(findForm(lines)?.read(lines).notes).toEqual(['line 2: left out "10 0g"']);
});

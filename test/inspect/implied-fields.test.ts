import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { impliedFields } from '../../src/inspect/implied-fields.ts';
import { decodeOne } from '../support/decode-text.ts';

it.each<[string, string, ProtocolLevel, string[]]>([
  ['a code and no properties in a short ack', '40 02 0001', 5, ['reason_code', 'property_length']],
  ['no properties behind a code', '40 03 0001 10', 5, ['property_length']],
  ['nothing in a whole ack', '40 04 0001 10 00', 5, []],
  ['a code in an empty DISCONNECT', 'e0 00', 5, ['reason_code', 'property_length']],
  ['nothing before 5.0', '40 02 0001', 4, []],
  ['nothing in a packet without a short form', 'c0 00', 5, []],
  ['nothing in a packet that is cut', '40 02 00', 5, []],
])('implies %s', (_what, hex, level, paths) => {
  const fields = impliedFields(decodeOne(hex, level).inspection);
  expect(fields.map(({ path }) => path)).toEqual(paths);
});

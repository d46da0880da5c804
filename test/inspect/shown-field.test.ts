import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { shownFields } from '../../src/inspect/shown-field.ts';
import { decodeOne } from '../support/decode-text.ts';
import { PACKET_VECTORS } from '../support/packet-vectors.ts';

function fields(hex: string, level: ProtocolLevel = 5, showSecrets = false) {
  return shownFields(decodeOne(hex, level).inspection, showSecrets);
}

function paths(hex: string, level: ProtocolLevel = 5): string[] {
  return fields(hex, level).map(({ path }) => path);
}

it('joins the id of a property and its value', () => {
  const all = fields('30 0c 0001 61 08 02 0000003c 23 0003');
  expect(all.find(({ name }) => name === 'messageExpiryInterval')).toMatchObject({
    path: 'properties.message_expiry_interval',
    label: 'message expiry interval (0x02)',
    start: 6,
    end: 11,
    value: 60,
    unit: 's',
  });
});

it('counts what may come again, and joins the two strings of a user property', () => {
  const hex = '30 12 0001 61 0e 26 0001 6e 0001 76 26 0001 6d 0001 77';
  const users = fields(hex).filter(({ name }) => name === 'userProperty');
  expect(users.map(({ path, value }) => [path, value])).toEqual([
    ['properties.user_property[0]', ['n', 'v']],
    ['properties.user_property[1]', ['m', 'w']],
  ]);
});

it('names fields as the standard does, groups before them', () => {
  expect(paths('82 09 0001 00 0003 612f62 01')).toEqual([
    'header',
    'type',
    'flags',
    'remaining_length',
    'packet_id',
    'property_length',
    'filters[0].topic_filter',
    'filters[0].options',
    'filters[0].options.reserved',
    'filters[0].options.retain_handling',
    'filters[0].options.retain_as_published',
    'filters[0].options.no_local',
    'filters[0].options.qos',
  ]);
  expect(paths('90 05 0001 00 01 80').slice(-2)).toEqual(['reason_codes[0]', 'reason_codes[1]']);
});

it('keeps the words of each version apart', () => {
  const label = (hex: string, level: ProtocolLevel, name: string) =>
    fields(hex, level).find((field) => field.name === name)?.label;
  const connect = (level: number) => `10 0d 0004 4d515454 0${level} 02 003c 0001 74`;
  expect(label(connect(4), 4, 'cleanStart')).toBe('clean session');
  expect(label('82 06 0001 0001 61 01', 4, 'qos')).toBe('requested QoS');
  expect(label('82 07 0001 00 0001 61 01', 5, 'qos')).toBe('maximum QoS');
  expect(label('20 02 00 05', 4, 'reasonCode')).toBe('return code');
  expect(label('20 03 00 85 00', 5, 'reasonCode')).toBe('reason code');
});

it('hides a password behind its length, unless it is asked for', () => {
  const hex = '10 13 0004 4d515454 04 c2 003c 0001 74 0001 75 0001 70';
  expect(fields(hex, 4).at(-1)).toMatchObject({ path: 'password', start: 18, hiddenFrom: 20 });
  expect(fields(hex, 4, true).at(-1)?.hiddenFrom).toBeUndefined();
});

it('hides authentication data behind id and length', () => {
  const hex = 'f0 0a 18 08 15 0001 6d 16 0001 ff';
  expect(fields(hex).at(-1)).toMatchObject({ start: 8, hiddenFrom: 11, end: 12 });
});

it.each([
  ['that its flags do not announce', '10 10 0004 4d515454 04 02 003c 0001 74 000170'],
  ['that a wrong length swallows', '10 13 0004 4d515454 04 c2 003c 0001 74 0009 75 0001 70'],
])('hides bytes of a CONNECT %s: they may be a password', (_what, hex) => {
  expect(fields(hex, 4).at(-1)?.hiddenFrom).toBeDefined();
});

it('hides a password that is cut', () => {
  const hex = '10 15 0004 4d515454 04 c2 003c 0001 74 0001 75 0003 70';
  expect(fields(hex, 4).at(-1)).toMatchObject({ path: 'password', hiddenFrom: 20, flaw: 'cut' });
});

it('leaves no byte of a valid packet without a field', () => {
  for (const { bytes, level, title } of PACKET_VECTORS) {
    let end = 0;
    for (const field of fields(bytes.toString('hex'), level)) {
      if (field.bits !== undefined || field.isImplied) continue;
      expect(field.start, title).toBe(end);
      end = field.end;
    }
    expect(end, title).toBe(bytes.length);
  }
});

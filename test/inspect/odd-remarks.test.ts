import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { decodeOne } from '../support/decode-text.ts';
import { track } from '../support/track-text.ts';

function findings(hex: string, level: ProtocolLevel = 5): string[] {
  return decodeOne(hex, level).findings.map(({ clauses, code, message, severity }) =>
    [severity, code, ...clauses, message].join(' '),
  );
}

function connect(clientId: string, keepAlive = '003c', flags = '02', rest = ''): string {
  const id = Buffer.from(clientId);
  const body = `00044d51545405${flags}${keepAlive}00${id.length.toString(16).padStart(4, '0')}`;
  const packet = `${body}${id.toString('hex')}${rest.replaceAll(' ', '')}`;
  return `10${(packet.length / 2).toString(16).padStart(2, '0')}${packet}`;
}

function publish(topic: string): string {
  const text = Buffer.from(topic);
  const length = text.length.toString(16).padStart(4, '0');
  return `30${(text.length + 3).toString(16).padStart(2, '0')}${length}${text.toString('hex')}00`;
}

it.each([
  ['a\u0001', 'odd text-odd (5.0 section 1.5.4) a control or non-character'],
  ['\uFEFFa', 'odd text-odd [MQTT-1.5.4-3] it begins with U+FEFF'],
  [' a', 'odd topic-odd (5.0 section 4.7.1.1) a blank at an end'],
  ['/a', 'odd topic-odd (5.0 section 4.7.1.1) the first level is empty'],
  ['a//b', 'odd topic-odd (5.0 section 4.7.1.1) a level is empty'],
])('wonders about topic %j [MQTT-1.5.4-3]', (topic, finding) => {
  expect(findings(publish(topic))).toEqual([finding]);
});

it('wonders about client ids that a server may refuse [MQTT-3.1.3-5]', () => {
  expect(findings(connect('a'.repeat(24)))).toEqual([
    expect.stringMatching(/^odd client-id-odd \[MQTT-3.1.3-5\] .*24 characters/),
  ]);
  expect(findings(connect('a b'))[0]).toContain('other characters');
  expect(findings(connect('press-7'))).toEqual([]);
});

it('takes them as 3.1.1 does [311:3.1.3-5] [311:1.5.3-3]', () => {
  const hex = `1015 00044d515454 04 02 003c 0009 efbbbf ${Buffer.from('b c def').toString('hex')}`;
  const { findings: found } = decodeOne(hex.replace('0009', '000a').replace('1015', '1016'), 4);
  const ids = found.flatMap(({ clauseIds }) => clauseIds.map((id) => id.replace('MQTT-', '311:')));
  expect(ids).toEqual(['311:1.5.3-3', '311:3.1.3-5']);
});

it('wonders about keep alives that are none, or in milliseconds', () => {
  expect(findings(connect('a', '0000'))).toEqual([expect.stringContaining('keep-alive-odd')]);
  expect(findings(connect('a', 'ea60'))[0]).toContain('above five hours');
  expect(decodeOne(connect('a', 'ea60'), 5).findings[0]?.likely).toBe(
    'milliseconds given for seconds',
  );
  expect(findings(connect('a', '4650'))).toEqual([]);
});

it('wonders about a password alone in 5.0, and blanks around names', () => {
  expect(findings(connect('a', '003c', '42', '000170'))).toEqual([
    'odd password-alone (5.0 section 3.1.2.9) a password without a user name',
  ]);
  expect(findings(connect('a', '003c', '82', '00027520'))).toEqual([
    'odd text-odd (5.0 section 1.5.4) a blank at an end',
  ]);
});

it('wonders about payloads that are not the text that they are said to be', () => {
  expect(findings('30 07 0001 74 02 0101 ff')).toEqual([
    'odd payload-format (5.0 section 3.3.2.3.2) the payload is not UTF-8',
  ]);
  expect(findings('30 07 0001 74 02 0101 61')).toEqual([]);
  expect(findings(connect('a', '003c', '06', '020101 000174 0001ff'))).toEqual([
    'odd payload-format (5.0 section 3.3.2.3.2) the will payload is not UTF-8',
  ]);
});

it('wonders about a client that publishes for the server', () => {
  const { findings: found } = track([`> ${publish('$a')}`, `< ${publish('$a')}`]);
  expect(found).toEqual(['#1 topic-odd (5.0 section 4.7.2) odd']);
});

it('wonders about filters that come twice, and shares before there were any', () => {
  const { findings: found } = decodeOne('82 0b 0001 00 0001 74 00 0001 74 01', 5);
  expect(found.map(({ code, span }) => [code, span])).toEqual([
    ['filter-twice', { start: 9, end: 12 }],
  ]);
  const share = Buffer.from('$share/g');
  const hex = `82 0d 0001 0008 ${share.toString('hex')} 00`;
  expect(findings(hex, 4)).toEqual([
    'odd share-grammar (3.1.1 section 4.7.1) no share by the rules of 5.0',
  ]);
});

it('keeps what it says of one packet within bounds', () => {
  const filters = '00022f610000'.slice(0, 10).repeat(2000);
  const { findings: found } = decodeOne(`82 934e 0001 00 ${filters}`, 5);
  expect(found.length).toBeLessThanOrEqual(200);
});

import { expect, it } from 'vitest';
import { CONNACK5, CONNECT4, CONNECT5, OPEN5, track } from '../support/track-text.ts';

it('refuses a session after a clean start [MQTT-3.2.2-2] [311:3.2.2-1]', () => {
  expect(track([CONNECT5, '< 2003010000']).findings).toEqual(['#2 session-present [MQTT-3.2.2-2]']);
  expect(track([CONNECT4, '< 20020100']).findings).toEqual(['#2 session-present [311:3.2.2-1]']);
});

it('misses an id for a client without one [MQTT-3.2.2-16]', () => {
  const anonymous = '> 100d00044d5154540502003c000000';
  expect(track([anonymous, CONNACK5]).findings).toEqual(['#2 assigned-id-missing [MQTT-3.2.2-16]']);
  const assigned = track([anonymous, '< 20070000041200 0178']);
  expect(assigned.findings).toEqual([]);
  expect(assigned.report.connections.items[0]?.clientId).toBe('x');
});

it('refuses what the client did not ask for [MQTT-3.1.2-28] [MQTT-3.1.2-29]', () => {
  expect(track([CONNECT5, '< 2007000004 1a000178']).findings).toEqual([
    '#2 not-requested [MQTT-3.1.2-28]',
  ]);
  const quiet = '> 101000044d5154540502003c021700000174';
  const subscribe = '> 8207000100 000174 00';
  const suback = '< 9008 0001 04 1f000178 00';
  expect(track([quiet, CONNACK5, subscribe, suback]).findings).toEqual([
    '#4 not-requested [MQTT-3.1.2-29]',
  ]);
});

it('refuses to prolong a session that was to end at once', () => {
  expect(track([...OPEN5, '> e0070005110000003c']).findings).toEqual([
    '#3 disconnect-expiry (5.0 section 3.14.2.2.2)',
  ]);
});

it('refuses AUTH that was not agreed [MQTT-4.12.0-5] [MQTT-4.12.0-6] [MQTT-4.12.0-7]', () => {
  const auth = 'f006 18 04 15000178';
  expect(track([CONNECT5, `< ${auth}`]).findings).toEqual(['#2 auth-method [MQTT-4.12.0-6]']);
  expect(track([CONNECT5, `> ${auth}`]).findings).toEqual(['#2 auth-method [MQTT-4.12.0-7]']);
  const agreed = '> 101200044d5154540502003c0415000179000174';
  expect(track([agreed, `< ${auth}`]).findings).toEqual(['#2 auth-method [MQTT-4.12.0-5]']);
  expect(track([agreed, '< f006180415000179']).findings).toEqual([]);
});

it.each<[string, string, string[], string]>([
  ['2400', '> 3206 0001 74 0001 00', ['[MQTT-3.2.2-11]'], 'Maximum QoS [MQTT-3.2.2-11]'],
  ['2500', '> 3104 0001 74 00', ['[MQTT-3.2.2-14]'], 'Retain Available [MQTT-3.2.2-14]'],
  ['2700000005', '> 3004 0001 74 00', ['[MQTT-3.2.2-15]'], 'Maximum Packet Size [MQTT-3.2.2-15]'],
  ['2800', '> 8207 0001 00 0001 2b 00', ['(5.0 section 3.2.2.3.11)'], 'wildcards'],
  ['2900', '> 8209 0001 02 0b01 0001 74 00', ['(5.0 section 3.2.2.3.12)'], 'ids'],
  [
    '2a00',
    '> 8210 0001 00 000a 2473686172652f672f74 00',
    ['(5.0 section 3.2.2.3.13)'],
    'shared subscriptions',
  ],
])('holds %s against %s: %j (%4$s)', (property, packet, clauses) => {
  const length = property.length / 2;
  const connack = `< 20${hex(3 + length)}0000${hex(length)}${property}`;
  const { findings } = track([CONNECT5, connack, packet]);
  expect(findings).toEqual(clauses.map((clause) => `#3 above-limit ${clause}`));
});

it("holds a server to the client's limits [MQTT-3.1.2-24] [MQTT-3.3.4-9]", () => {
  const small = '> 101300044d5154540502003c0527 00000005 000174';
  expect(track([small, CONNACK5, '< 300400017400']).findings).toEqual([
    '#3 above-limit [MQTT-3.1.2-24]',
  ]);
  const one = '> 101100044d5154540502003c03210001000174';
  const [first, second] = ['< 3206 0001 74 0001 00', '< 3206 0001 74 0002 00'];
  expect(track([one, CONNACK5, first, second]).findings).toEqual(['#4 above-limit [MQTT-3.3.4-9]']);
});

it('holds a client to the Receive Maximum, acks counted [MQTT-3.3.4-7]', () => {
  const connack = '< 2006 0000 03 210001';
  const [first, second] = ['> 3206 0001 74 0001 00', '> 3206 0001 74 0002 00'];
  expect(track([CONNECT5, connack, first, second]).findings).toEqual([
    '#4 above-limit [MQTT-3.3.4-7]',
  ]);
  expect(track([CONNECT5, connack, first, '< 40020001', second]).findings).toEqual([]);
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

import { expect, it } from 'vitest';
import { isFault } from '../../src/inspect/finding.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';

it('judges, names the clause, the rule, the answer and the cause [MQTT-2.2.1-3]', () => {
  const [finding] = decodeOne('82 07 0000 00 0001 61 00', 5).findings;
  expect(finding).toMatchObject({
    code: 'packet-id-zero',
    severity: 'protocol',
    clauses: ['[MQTT-2.2.1-3]'],
    rule: 'an id is 1 to 65535',
    answer: 'the server answers DISCONNECT 0x82 (or 0x81)',
    likely: 'the counter starts at 0, or wrapped past 65535',
  });
});

it.each([
  [
    'a server of 5.0 answers CONNECT with CONNACK',
    '100d00044d51545405030000000000',
    'CONNACK 0x81',
  ],
  ['a server of 3.1.1 closes', '10 0d 0004 4d515454 04 03 003c 0001 74', 'the server closes'],
  ['3.1.1 has a code for it', '100c00044d51545404000001 0000', 'answers CONNACK 0x02 and closes'],
  ['a client answers', 'b0 04 0000 00 00', 'the client answers DISCONNECT 0x82'],
  ['either side may be it', '36 05 0001 61 0001', 'the receiver answers DISCONNECT 0x81'],
])('says what a receiver does: %s', (_what, hex, answer) => {
  expect(decodeOne(hex, hex.startsWith('10') ? undefined : 5).findings[0]?.answer).toContain(
    answer,
  );
});

it('counts a packet of the wrong size as one fault [311:4.8.0-1]', () => {
  for (const hex of ['40 03 0001 00', '40 01 00']) {
    expect(decodeOne(hex, 4).findings.map(({ code }) => code)).toEqual(['wrong-length']);
  }
});

it('finds a long length odd before 5.0, and no fault', () => {
  const [finding] = decodeOne('20 82 00 00 00', 4).findings;
  expect(finding).toMatchObject({ code: 'length-not-minimal', severity: 'odd' });
  expect(finding === undefined ? true : isFault(finding)).toBe(false);
});

it('says what a cut packet needs: in a file it is a fault, in live input none', () => {
  const [cut] = decodeOne('30 09 0003 61').findings;
  expect(cut).toMatchObject({ severity: 'malformed', rule: 'needs 6 more bytes' });
  const [live] = decodeChunks(['30'], { end: 'stopped' }).packets[0]?.findings ?? [];
  expect(live).toMatchObject({
    severity: 'note',
    rule: 'the fixed header needs at least 1 more byte',
  });
});

import { expect, it } from 'vitest';
import { findingOfRemark } from '../../src/inspect/remark.ts';
import { decodeOne } from '../support/decode-text.ts';

it('says what the packet does, what the rule asks for and what its receiver does', () => {
  const { inspection } = decodeOne('c000', 5);
  expect(
    findingOfRemark({ rule: 'connectFirst', what: 'PINGREQ before CONNECT' }, inspection),
  ).toEqual({
    code: 'connect-first',
    severity: 'protocol',
    clauses: ['[MQTT-3.1.0-1]'],
    clauseIds: ['MQTT-3.1.0-1'],
    message: 'PINGREQ before CONNECT',
    rule: 'PINGREQ before CONNECT: the first packet of a client is CONNECT',
    answer: 'the server answers DISCONNECT 0x82',
    likely: undefined,
    span: { start: 0, end: 1, bits: [7, 4] },
  });
});

it('points at the field that the rule is about', () => {
  const { inspection } = decodeOne('40020001', 5);
  const { answer, span } = findingOfRemark(
    { rule: 'ackUnknown', what: 'x', likely: 'y' },
    inspection,
  );
  expect([answer, span]).toEqual([undefined, { start: 2, end: 4 }]);
});

import { expect, it } from 'vitest';
import { ProtocolError } from '../../src/codec/protocol-error.ts';

it('says what broke, by which rule and where', () => {
  const breach = { level: 5, subjects: ['client'], offset: 5 } as const;
  expect(new ProtocolError('packet-id-zero', 'packetId is 0', breach)).toMatchObject({
    message: 'packetId is 0 [MQTT-2.2.1-3]',
    what: 'packetId is 0',
    rule: 'packet-id-zero',
    reason: 'protocolError',
    reasonCode: 0x82,
    clauses: ['MQTT-2.2.1-3'],
    offset: 5,
  });
});

it('puts clauses that only the place knows behind those of the rule', () => {
  const breach = { level: 5, clauses: ['section 3.1.2.11.3'] } as const;
  expect(new ProtocolError('property-unknown', 'x', breach)).toMatchObject({
    message: 'x [section 2.2.2.2]',
    clauses: ['section 2.2.2.2', 'section 3.1.2.11.3'],
    offset: undefined,
  });
});

it('has a message without a clause where the version has none', () => {
  const error = new ProtocolError('alias-unknown', 'alias 3 was never set', { level: 4 });
  expect(error).toMatchObject({ message: 'alias 3 was never set', clauses: [] });
});

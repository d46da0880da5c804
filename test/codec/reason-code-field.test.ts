import { expect, it } from 'vitest';
import { readReasonCode, requireReasonCode } from '../../src/codec/reason-code-field.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { readerOf } from '../support/read-frame.ts';
import { refusalOf } from '../support/test-vectors.ts';

it('reads a code that the packet may carry', () => {
  expect(readReasonCode(readerOf(hex`8e`, 5, 'server'), 'disconnect')).toBe(0x8e);
});

it.each([
  ['that the packet does not have', 'client', 'is no reason code of DISCONNECT', hex`8a`],
  ['that is for the other side', 'client', 'is not for a client to send', hex`8e`],
  ['that is for the other side', 'server', 'is not for a server to send', hex`04`],
] as const)('refuses a code %s, from a %s [MQTT-3.14.2-1]', (_what, sender, says, bytes) => {
  const error = refusalOf(() => readReasonCode(readerOf(bytes, 5, sender), 'disconnect'));
  expect(error).toMatchObject({ reason: 'protocolError', clauses: ['MQTT-3.14.2-1'], offset: 0 });
  expect(error.message).toContain(says);
});

it('does not let a packet carry a code that is not its own', () => {
  expect(() => requireReasonCode('puback', 0x10)).not.toThrow();
  expect(() => requireReasonCode('puback', 0x01)).toThrow(UnsendableError);
});

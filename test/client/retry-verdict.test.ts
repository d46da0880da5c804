import { describe, expect, it } from 'vitest';
import { CallerError, type CallerErrorKind } from '../../src/base/caller-error.ts';
import { isPassing } from '../../src/client/retry-verdict.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';

const PASSING = [0x80, 0x83, 0x88, 0x89, 0x8b, 0x8d, 0x93, 0x94, 0x96, 0x97, 0x98, 0x9f, 0xa0];

describe('a refusal', () => {
  it.each(Array.from({ length: 0xa3 - 0x80 }, (_, n) => 0x80 + n))('with %i', (reasonCode) => {
    const error = new CallerError('refused', 'x', { reasonCode });
    expect(isPassing(error)).toBe(PASSING.includes(reasonCode));
  });
});

it.each<[CallerErrorKind, boolean]>([
  ['connect', true],
  ['lost', true],
  ['usage', false],
  ['file', false],
  ['timeout', false],
  ['environment', false],
])('of the kind %s: %s', (kind, expected) => {
  expect(isPassing(new CallerError(kind, 'x'))).toBe(expected);
});

it('does not go back to a server that does not keep to MQTT', () => {
  const cause = new ProtocolError('before-connack', 'x', { level: 5, offset: 0 });
  expect(isPassing(new CallerError('lost', 'x', { cause }))).toBe(false);
});

it('takes what TLS refuses for final, but not a close in the middle of a handshake', () => {
  const failed = (code: string) => {
    const cause = Object.assign(new Error(code), { code });
    return new CallerError('tls', 'x', { cause });
  };
  expect(isPassing(failed('ECONNRESET'))).toBe(true);
  expect(isPassing(failed('ERR_SSL_WRONG_VERSION_NUMBER'))).toBe(false);
  expect(isPassing(new CallerError('tls', 'x'))).toBe(false);
});

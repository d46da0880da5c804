import { expect, it } from 'vitest';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';

it('is named, and is no fault of the peer', () => {
  const error = new UnsendableError('clientId holds U+0000');
  expect(String(error)).toBe('UnsendableError: clientId holds U+0000');
  expect(error).not.toBeInstanceOf(ProtocolError);
});

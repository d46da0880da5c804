import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';

it('keeps what, why and what to do, and the error that the machine gave', () => {
  const cause = new Error('EADDRINUSE');
  const error = new CallerError('environment', 'port 1883 is taken', {
    why: 'another program listens there',
    remedy: 'choose another',
    cause,
  });
  expect(error).toMatchObject({
    message: 'port 1883 is taken',
    why: 'another program listens there',
    remedy: 'choose another',
    cause,
  });
});

import { expect, it } from 'vitest';
import { LimitError } from '../../src/broker/limit-error.ts';

it('carries the reason that goes on the wire', () => {
  const error = new LimitError('quotaExceeded', 'too much');
  expect(error).toMatchObject({ name: 'LimitError', reason: 'quotaExceeded', message: 'too much' });
});

import { expect, it } from 'vitest';
import { FormError } from '../../src/inspect/form-error.ts';

it('says what is wrong and what to do', () => {
  const error = new FormError('no hex is found', 'give hex');
  expect([error.message, error.remedy]).toEqual(['no hex is found', 'give hex']);
});

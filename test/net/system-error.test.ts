import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemErrorCode, systemErrorText } from '../../src/net/system-error.ts';

function thrownBy(deed: () => unknown): unknown {
  try {
    return deed();
  } catch (error) {
    return error;
  }
}

it('names an error of the operating system without the call that met it', () => {
  const error = thrownBy(() => readFileSync('/does/not/exist'));
  expect(systemErrorCode(error)).toBe('ENOENT');
  expect(systemErrorText(error)).toBe('no such file or directory');
});

it('gives the message of any other error, and no code', () => {
  expect(systemErrorCode(new Error('odd'))).toBeUndefined();
  expect(systemErrorText(new Error('odd'))).toBe('odd');
  expect(systemErrorText('odd')).toBe('odd');
});

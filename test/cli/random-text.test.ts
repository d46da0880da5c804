import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { randomText } from '../../src/cli/random-text.ts';

it('gives as many characters of [0-9a-z] as were asked for', () => {
  expect(randomText(200, randomBytes)).toMatch(/^[0-9a-z]{200}$/);
});

it('asks again for bytes that would favour some characters', () => {
  const answers = [Uint8Array.of(255, 252, 0), Uint8Array.of(251, 35)];
  expect(randomText(3, () => answers.shift() ?? Uint8Array.of(1))).toBe('0zz');
});

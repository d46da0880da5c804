import { expect, it } from 'vitest';
import { SecretTyping } from '../../src/cli/ask-secret.ts';

it('is what is typed up to Enter, whatever chunks it comes in', () => {
  const typing = new SecretTyping();
  expect(typing.type('geh')).toBe(false);
  expect(typing.type('eim\rmore')).toBe(true);
  expect(typing.secret).toBe('geheim');
});

it('takes whole characters back', () => {
  const typing = new SecretTyping();
  typing.type('\u007fa😀\bb\u007fc\n');
  expect(typing.secret).toBe('ac');
});

it('is refused by Ctrl-C, and by Ctrl-D where nothing was typed', () => {
  expect(() => new SecretTyping().type('ab\u0003')).toThrow('no password was given');
  expect(() => new SecretTyping().type('\u0004')).toThrow('no password was given');
  const typing = new SecretTyping();
  typing.type('a\u0004\r');
  expect(typing.secret).toBe('a\u0004');
});

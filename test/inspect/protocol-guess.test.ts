import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { guessProtocol } from '../../src/inspect/protocol-guess.ts';

it.each([
  ['', 'unclear'],
  ['10', 'unclear'],
  ['100e', 'unclear'],
  ['10800e00044d51', 'unclear'],
  ['100e00044d5154540502', 'connect'],
  ['10ffffff7f00044d515454', 'connect'],
  ['100e00064d514973647003', 'connect'],
  ['10ffffffff7f00044d515454', 'other'],
  ['100e00044d5154', 'unclear'],
  ['100e00044d515453', 'other'],
  ['474554', 'unclear'],
  ['474554202f', 'http'],
  ['474555', 'other'],
  ['1603', 'unclear'],
  ['160301', 'tls'],
  ['170303', 'tls'],
  ['160399', 'other'],
  ['c000', 'other'],
])('takes %s for %s', (hex, guess) => {
  expect(guessProtocol(Buffer.from(hex, 'hex'))).toBe(guess);
});

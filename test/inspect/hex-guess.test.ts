import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { guessBody, guessReading } from '../../src/inspect/hex-guess.ts';
import { webSocketFrame } from '../support/wire.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  ['swapped pairs', hex('00c0 00d0'), 'c000d000', 'unknown'],
  ['decimal', hex('1613000477818484040200600001 65'), '100d00044d5154540402003c000141', 'unknown'],
  ['a masked frame', webSocketFrame(hex('c000'), true), 'c000', 'c2s'],
  ['a frame', webSocketFrame(hex('d000'), false), 'd000', 's2c'],
])('reads %s', (_what, bytes, read, direction) => {
  const guess = guessReading(bytes);
  expect([guess?.bytes.toString('hex'), guess?.direction]).toEqual([read, direction]);
});

it('guesses nothing where a packet begins, or not all becomes packets without a fault', () => {
  expect(guessReading(hex('c000'))).toBeUndefined();
  expect(guessReading(hex('00c0 00d1'))).toBeUndefined();
  expect(guessReading(hex('0099'))).toBeUndefined();
  expect(guessReading(webSocketFrame(hex('c00000'), true))).toBeUndefined();
});

it('names the packet whose body bytes are', () => {
  expect(guessBody(hex('00044d5154540402003c0001 74'))).toBe('connect');
  expect(guessBody(hex('00010003612f2300'))).toBe('subscribe');
  expect(guessBody(hex('0001000161'))).toBeUndefined();
  expect(guessBody(hex('00044d5154540402003c00017475'))).toBeUndefined();
});

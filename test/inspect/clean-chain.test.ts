import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import {
  cleanBytes,
  hasFirstPacket,
  isCleanChain,
  swapped,
  unfinishedAt,
} from '../../src/inspect/clean-chain.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

it.each([
  ['', 0, false],
  ['c000', 2, true],
  ['c000 40020001 9003000100', 11, true],
  ['c000 40020000', 2, false],
  ['c000 d0', 2, false],
  ['4003000110', 5, true],
  ['00', 0, false],
])('of %j, %i bytes are clean packets', (text, length, isChain) => {
  expect(cleanBytes(hex(text))).toBe(length);
  expect(isCleanChain(hex(text))).toBe(isChain);
});

it.each([
  ['c000 3009000361', 2],
  ['c0', 0],
  ['c000', undefined],
  ['c000 ff00ff', undefined],
])('of %j, a packet is unfinished from byte %j on', (text, at) => {
  expect(unfinishedAt(hex(text))).toBe(at);
});

it('knows a first packet by its length, whatever is wrong inside', () => {
  expect(hasFirstPacket(hex('40020000 ff'))).toBe(true);
  expect(hasFirstPacket(hex('400200'))).toBe(false);
  expect(hasFirstPacket(hex(''))).toBe(false);
});

it('swaps words, and leaves an odd byte at the end', () => {
  expect(swapped(hex('00c000d0ff')).toString('hex')).toBe('c000d000ff');
});

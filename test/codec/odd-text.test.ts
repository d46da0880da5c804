import { describe, expect, it } from 'vitest';
import { findOddCharacter } from '../../src/codec/odd-text.ts';

const NONCHARACTERS = [
  ...Array.from({ length: 0x20 }, (_, n) => 0xfdd0 + n),
  ...Array.from({ length: 0x11 }, (_, plane) => plane * 0x10000 + 0xfffe),
  ...Array.from({ length: 0x11 }, (_, plane) => plane * 0x10000 + 0xffff),
];
const CONTROLS = Array.from({ length: 0xa0 }, (_, code) => code).filter(
  (code) => code < 0x20 || code >= 0x7f,
);

it('finds control characters and the 66 noncharacters, and nothing else', () => {
  expect(NONCHARACTERS).toHaveLength(66);
  const odd = new Set([...CONTROLS, ...NONCHARACTERS]);
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const found = findOddCharacter(String.fromCodePoint(code));
    if (found !== (odd.has(code) ? 0 : undefined)) expect(code).toBe('as the standard says');
  }
});

describe('the place', () => {
  it.each([
    ['a/b', undefined],
    ['', undefined],
    ['a\nb\n', 1],
    ['\u{1f600}\u{1fffe}', 2],
  ])('of the first one in %j is %s', (text, index) => {
    expect(findOddCharacter(text)).toBe(index);
  });
});

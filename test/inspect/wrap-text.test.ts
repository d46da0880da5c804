import { expect, it } from 'vitest';
import { wrapText } from '../../src/inspect/wrap-text.ts';

it('breaks lines at blanks, and indents what follows', () => {
  expect(wrapText('one two three four', 9, 2)).toEqual(['one two', '  three', '  four']);
  expect(wrapText('one two', 7, 2)).toEqual(['one two']);
});

it('breaks words that are longer than half a line', () => {
  expect(wrapText('a bcdefghijklmnop', 8, 1)).toEqual(['a bcdefg', ' hijklmn', ' op']);
});

it('counts characters, not halves of them', () => {
  expect(wrapText('😀😀😀😀', 3, 1)).toEqual(['😀😀😀', ' 😀']);
});

it('is quick with a payload of megabytes', () => {
  expect(wrapText('x'.repeat(2_000_000), 50, 2)).toHaveLength(41_667);
});

import { expect, it } from 'vitest';
import { findForm } from '../../src/inspect/capture-form.ts';
import { textLines } from '../../src/inspect/text-lines.ts';

const WORDS = ['1010', '0400', '514d', '5454', '0204', '3c00', '0400', '6564', '3176', '00c0'];
const BYTES = '101000044d5154540402003c000464657631c0';

it.each([
  ['hexdump', '0000010', '0000013'],
  ['od -x', '0000020', '0000023'],
])('puts the bytes of the words of %s back in order, without the filling', (_, next, end) => {
  const [first, second] = [WORDS.slice(0, 8), WORDS.slice(8)].map((words) => words.join(' '));
  const lines = textLines([`0000000 ${first}`, `${next} ${second}`, end, ''].join('\n'));
  const form = findForm(lines);
  expect(form?.name).toBe('words');
  expect(form?.read(lines).blocks[0]?.bytes.toString('hex')).toBe(BYTES);
});

it('tells the base by a single row, and repeats a row', () => {
  const read = (text: string) => {
    const lines = textLines(text);
    return findForm(lines)?.read(lines).blocks[0]?.bytes.toString('hex');
  };
  expect(read('0000000 00c0\n0000002')).toBe('c000');
  expect(read('0000000 0130 0030\n0000003')).toBe('300130');
  const row = '0000000 0000 0000 0000 0000 0000 0000 0000 0000';
  expect(read(`${row}\n*\n0000030`)).toBe('00'.repeat(48));
});

it('leaves pairs alone that follow an offset of seven digits', () => {
  expect(findForm(textLines('0000000 c0 00\n0000002'))?.name).toBe('dump');
});

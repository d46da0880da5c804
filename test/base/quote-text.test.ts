import { expect, it } from 'vitest';
import { quoteText } from '../../src/base/quote-text.ts';

it('quotes plain text as it is', () => {
  expect(quoteText('no "entry" für €')).toBe('"no \\"entry\\" für €"');
});

it.each([
  ['\x1b[2J', '"\\u001b[2J"'],
  ['a\nb', '"a\\nb"'],
  ['\x7f', '"\\u007f"'],
  ['\x9b2J', '"\\u009b2J"'],
  ['\u202eevil', '"\\u202eevil"'],
])('shows what a terminal would act on as an escape: %j', (text, quoted) => {
  expect(quoteText(text)).toBe(quoted);
});

import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';

/** Lines of nothing but decimal numbers, one of which at least has one digit or three. */
export const decimalForm: CaptureForm = {
  name: 'dec',
  isFormOf(lines) {
    const numbers = lines.flatMap(({ text }) => numbersOf(text));
    const isByte = numbers.every((number) => Number(number) < 256);
    return numbers.length > 1 && isByte && numbers.some((number) => number.length !== 2);
  },
  read(lines) {
    const blocks = lines.flatMap(({ number, side, text, timeMs }): TextBlock[] => {
      const bytes = Buffer.from(numbersOf(text).map(Number));
      return bytes.length === 0 ? [] : [{ bytes, line: number, side, timeMs }];
    });
    return { blocks, notes: [] };
  },
};

/** None if anything else stands there. */
function numbersOf(text: string): string[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parts.every((part) => /^\d{1,3}$/.test(part)) ? parts : [];
}

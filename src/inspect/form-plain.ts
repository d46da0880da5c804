import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import { type TextLine, withoutComment } from './text-lines.ts';

const SEPARATORS = /[\s,:-]+/;

/**
 * Hex and nothing else, comments apart: pairs in any grouping, also `xxd -p`, whose last line may
 * be as short as one byte. A decimal digit somewhere tells it from a word such as `dead`.
 */
export const plainForm: CaptureForm = {
  name: 'hex',
  isFormOf(lines) {
    const tokens = tokensOf(lines);
    return tokens.every(isHexToken) && tokens.some((token) => /\d/.test(token));
  },
  read(lines) {
    const blocks: TextBlock[] = [];
    let isApart = false;
    for (const line of lines) {
      const { number, side, timeMs } = line;
      const digits = tokensOf([line]).map(hexDigits).join('');
      if (digits === '') isApart = true;
      else {
        const bytes = Buffer.from(digits, 'hex');
        blocks.push({ bytes, line: number, side, timeMs, isApart });
        isApart = false;
      }
    }
    return { blocks, notes: [] };
  },
};

/** Whether a word is pairs of hex digits, `0x` before them or not; behind it one digit will do. */
export function isHexToken(word: string): boolean {
  const digits = word.replace(/^0x/i, '');
  const isEven = digits.length % 2 === 0 || (digits.length === 1 && word !== digits);
  // No pairs in the pattern: a long line would exhaust the stack of the engine.
  return isEven && digits !== '' && !/[^\da-f]/i.test(digits);
}

/** The pairs of a token: without `0x`, and with the zero that a C programmer may leave out. */
export function hexDigits(token: string): string {
  const digits = token.replace(/^0x/i, '');
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

function tokensOf(lines: readonly TextLine[]): string[] {
  const tokens = lines.flatMap(({ text }) => withoutComment(text).split(SEPARATORS));
  return tokens.filter((token) => token !== '');
}

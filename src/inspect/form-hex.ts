import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { hexDigits, isHexToken } from './form-plain.ts';
import { quotedText } from './safe-text.ts';
import { withoutComment } from './text-lines.ts';

/** Words, and what parts them for good: anything but a blank, a comma, a colon or a hyphen. */
const WORD = /[\w.]+|[^\w.\s,:-]+/g;
/** A single token is hex from so many bytes on, if it has a decimal digit: a word otherwise. */
const TOKEN_BYTES_MIN = 4;

/**
 * Any text with hex in it: of each line the longest run of pairs, the first on a tie. The rest of
 * the line is its label, and lines without a run are labels too.
 */
export const hexForm: CaptureForm = {
  name: 'hex',
  isFormOf: (lines) => lines.some((line) => longestRun(withoutComment(line)) !== undefined),
  read(lines) {
    const notes: string[] = [];
    const parts = lines.map((line, index) => {
      const text = withoutComment(line);
      const run = longestRun(text);
      if (run === undefined) return '';
      const rest = `${text.slice(0, run.start)} ${text.slice(run.end)}`.trim();
      if (/\b[\da-f]{2}\b/i.test(rest)) {
        notes.push(`line ${index + 1}: left out ${quotedText(rest)}`);
      }
      return run.digits;
    });
    return { bytes: Buffer.from(parts.join(''), 'hex'), notes };
  },
};

/** Words of hex in a row. */
interface Run {
  readonly start: number;
  end: number;
  digits: string;
  words: number;
}

function longestRun(line: string): Run | undefined {
  const runs: Run[] = [];
  let isOpen = false;
  for (const { 0: word, index: start } of line.matchAll(WORD)) {
    const last = runs.at(-1);
    const end = start + word.length;
    if (!isHexToken(word)) isOpen = false;
    else if (isOpen && last !== undefined) {
      last.end = end;
      last.digits += hexDigits(word);
      last.words += 1;
    } else {
      runs.push({ start, end, digits: hexDigits(word), words: 1 });
      isOpen = true;
    }
  }
  const longer = (a: Run | undefined, b: Run) =>
    a !== undefined && a.digits.length >= b.digits.length ? a : b;
  return runs.filter(isHex).reduce<Run | undefined>(longer, undefined);
}

function isHex({ digits, words }: Run): boolean {
  return words > 1 || (digits.length >= 2 * TOKEN_BYTES_MIN && /\d/.test(digits));
}

import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
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
  isFormOf: (lines) =>
    lines.some(({ text }) => longestRun(withoutComment(text), TOKEN_BYTES_MIN) !== undefined),
  read(lines) {
    const notes: string[] = [];
    const blocks: TextBlock[] = [];
    let label = '';
    let isApart = false;
    for (const { number, side, text: whole, timeMs } of lines) {
      const text = withoutComment(whole);
      // A mark of direction says that bytes follow.
      const run = longestRun(text, side === undefined ? TOKEN_BYTES_MIN : 1);
      if (run === undefined) {
        label = text.trim() === '' ? label : text.trim();
        isApart = true;
        continue;
      }
      const rest = `${text.slice(0, run.start)} ${text.slice(run.end)}`.trim();
      if (/\b[\da-f]{2}\b/i.test(rest)) {
        notes.push(`line ${number}: left out ${quotedText(rest)}`);
      }
      const name = rest === '' ? label : rest;
      const place = { line: number, side, timeMs, label: name === '' ? undefined : name };
      // What stands before each line of a log is no name for a packet.
      blocks.push({ bytes: Buffer.from(run.digits, 'hex'), ...place, isApart });
      label = '';
      isApart = false;
    }
    return { blocks, notes };
  },
};

/** Words of hex in a row. */
interface Run {
  readonly start: number;
  end: number;
  digits: string;
  words: number;
}

function longestRun(line: string, tokenBytesMin: number): Run | undefined {
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
  return runs.filter((run) => isHex(run, tokenBytesMin)).reduce<Run | undefined>(longer, undefined);
}

function isHex({ digits, words }: Run, tokenBytesMin: number): boolean {
  return words > 1 || (digits.length >= 2 * tokenBytesMin && /\d/.test(digits));
}

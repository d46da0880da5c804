import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { hexDigits } from './form-plain.ts';
import { withoutComment } from './text-lines.ts';

/** Tokens of hex pairs with blanks, commas, colons or hyphens between them. */
const RUN =
  /(?<![\w.])(?:0x[\da-f]{1,2}|(?:[\da-f]{2})+)(?:[\s,:-]+(?:0x[\da-f]{1,2}|(?:[\da-f]{2})+))*(?![\w.])/gi;
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
      const rest = text.replace(run, ' ').trim();
      if (/\b[\da-f]{2}\b/i.test(rest)) {
        notes.push(`line ${index + 1}: left out ${JSON.stringify(rest)}`);
      }
      return digitsOf(run);
    });
    return { bytes: Buffer.from(parts.join(''), 'hex'), notes };
  },
};

function longestRun(line: string): string | undefined {
  let longest: string | undefined;
  for (const [run] of line.matchAll(RUN)) {
    const isLonger = digitsOf(run).length > (longest === undefined ? 0 : digitsOf(longest).length);
    if (isLonger && isHex(run)) longest = run;
  }
  return longest;
}

function isHex(run: string): boolean {
  const tokens = run.split(/[\s,:-]+/);
  if (tokens.length > 1) return true;
  return digitsOf(run).length >= 2 * TOKEN_BYTES_MIN && /\d/.test(run);
}

function digitsOf(run: string): string {
  return run
    .split(/[\s,:-]+/)
    .map(hexDigits)
    .join('');
}

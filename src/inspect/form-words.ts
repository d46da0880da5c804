import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';

/** `0000000 1d10 0400 514d`: an offset of seven digits, then words of two bytes each. */
const ROW = /^([\da-f]{7})((?: {1,4}[\da-f]{4}){1,8})\s*$/i;
const END = /^([\da-f]{7})\s*$/i;

/**
 * What `hexdump` without -C and `od -x` print: words of two bytes, the second byte first on the
 * machines of today. `hexdump` counts in hex, `od` in octal.
 */
export const wordsForm: CaptureForm = {
  name: 'words',
  isFormOf(lines) {
    const told = lines.map(({ text }) => text).filter((text) => text.trim() !== '');
    const fits = (line: string) => ROW.test(line) || END.test(line) || line.trim() === '*';
    return ROW.test(told[0] ?? '') && told.every(fits);
  },
  read(textLines) {
    const lines = textLines.map(({ text }) => text);
    const radix = radixOf(lines);
    const rows = lines.flatMap((line) => rowOf(line, radix));
    const [first, last] = [rows[0], rows.at(-1)];
    const bytes = joinDumpRows(rows);
    const hasBounds = first?.kind === 'bytes' && last?.kind === 'end';
    // A word is filled up with a zero: the last offset tells whether that byte was there.
    const length = hasBounds ? last.offset - first.offset : bytes.length;
    const notes = ['bytes were swapped in pairs: hexdump without -C prints words'];
    const line = textLines.find(({ text }) => ROW.test(text))?.number ?? 1;
    return { blocks: [{ bytes: bytes.subarray(0, length), line }], notes };
  },
};

/** The first row's length, and the offset behind it, agree in one of the two. */
function radixOf(lines: readonly string[]): number {
  const [first, second] = lines.map((line) => line.trim()).filter((line) => /^\w{7}/.test(line));
  const [, start = '', words = ''] = ROW.exec(first ?? '') ?? [];
  const after = (second ?? '').slice(0, 7);
  const length = words.replaceAll(' ', '').length / 2;
  const distance = Number.parseInt(after, 8) - Number.parseInt(start, 8);
  return distance === length || distance === length - 1 ? 8 : 16;
}

function rowOf(line: string, radix: number): DumpRow[] {
  if (line.trim() === '*') return [{ kind: 'repeat' }];
  const [, offset, words] = ROW.exec(line) ?? [];
  if (offset !== undefined && words !== undefined) {
    const bytes = Buffer.from(words.replaceAll(' ', ''), 'hex').swap16();
    return [{ kind: 'bytes', offset: Number.parseInt(offset, radix), bytes }];
  }
  const [, end] = END.exec(line) ?? [];
  return end === undefined ? [] : [{ kind: 'end', offset: Number.parseInt(end, radix) }];
}

import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';

/** `0000000 010020 002000`: an offset, then words of two bytes each, or bytes, all in octal. */
const ROW = /^([0-7]{7})((?: [0-7]{6}){1,64}|(?: [0-3][0-7]{2}){1,64})\s*$/;
const BYTE_DIGITS = 3;
const END = /^([0-7]{7})\s*$/;

/** What `od` prints if nothing else is asked of it, `od -b` and `hexdump -b`. */
export const octalForm: CaptureForm = {
  name: 'od',
  isFormOf: (lines) => lines.some(({ text }) => ROW.test(text)),
  read(lines) {
    const rows = lines.flatMap(({ text }) => rowOf(text));
    const bytes = joinDumpRows(rows);
    const [first, last] = [rows[0], rows.at(-1)];
    const hasBounds = first?.kind === 'bytes' && last?.kind === 'end';
    // A word is filled up with a zero: the last offset tells whether that byte was there.
    const length = hasBounds ? last.offset - first.offset : bytes.length;
    const line = lines.find(({ text }) => ROW.test(text))?.number ?? 1;
    return { blocks: [{ bytes: bytes.subarray(0, Math.max(0, length)), line }], notes: [] };
  },
};

function rowOf(line: string): DumpRow[] {
  if (line.trim() === '*') return [{ kind: 'repeat' }];
  const [, offset, words = ''] = ROW.exec(line) ?? END.exec(line) ?? [];
  if (offset === undefined) return [];
  const start = Number.parseInt(offset, 8);
  if (words === '') return [{ kind: 'end', offset: start }];
  const parts = words.trim().split(' ');
  const values = parts.map((word) => Number.parseInt(word, 8));
  const isBytes = parts[0]?.length === BYTE_DIGITS;
  const bytes = isBytes ? Buffer.from(values) : Buffer.from(new Uint16Array(values).buffer);
  return [{ kind: 'bytes', offset: start, bytes }];
}

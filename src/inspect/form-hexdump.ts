import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';

/** `00000000  30 3f 00 01 7a 00 00 00  00 00 00 00 00 00 00 00  |0?..z...........|`. */
const ROW = /^\s{0,8}([\da-f]{8,16}) {2}((?:[\da-f]{2} {1,2}){0,63}[\da-f]{2})\s{1,200}\|.*\|\s*$/i;
const END = /^\s{0,8}([\da-f]{8,16})\s*$/i;

/** What `hexdump -C` prints. */
export const hexdumpForm: CaptureForm = {
  name: 'hexdump',
  isFormOf: (lines) => lines.some(({ text }) => ROW.test(text)),
  read(lines) {
    const bytes = joinDumpRows(lines.flatMap(({ text }) => rowOf(text)));
    const first = lines.find(({ text }) => ROW.test(text));
    return { blocks: [{ bytes, line: first?.number ?? 1 }], notes: [] };
  },
};

function rowOf(line: string): DumpRow[] {
  if (line.trim() === '*') return [{ kind: 'repeat' }];
  const [, offset, pairs] = ROW.exec(line) ?? [];
  if (offset !== undefined && pairs !== undefined) {
    const bytes = Buffer.from(pairs.replaceAll(' ', ''), 'hex');
    return [{ kind: 'bytes', offset: Number.parseInt(offset, 16), bytes }];
  }
  const [, end] = END.exec(line) ?? [];
  return end === undefined ? [] : [{ kind: 'end', offset: Number.parseInt(end, 16) }];
}

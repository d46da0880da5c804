import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';

/** `00000000: 1010 0004 4d51  ....MQ`: offset, groups of pairs, two blanks, characters. */
const ROW =
  /^\s{0,8}([\da-f]{8}): ((?:[\da-f]{2}){1,256}(?: (?:[\da-f]{2}){1,256}){0,255})(?: {2}|\s*$)/i;
/** `00000000: 00010000 00010000`, as `xxd -b` prints. */
const BITS = /^[01]{8}(?: [01]{8})*$/;

/** What `xxd` prints, `xxd -a` with its `*`, and `xxd -b`. */
export const xxdForm: CaptureForm = {
  name: 'xxd',
  isFormOf: (lines) => lines.some(({ text }) => ROW.test(text)),
  read(lines) {
    const rows = lines.flatMap(({ text }) => ROW.exec(text)?.[2] ?? []);
    const isBits = rows.every((row) => BITS.test(row));
    const bytes = joinDumpRows(lines.flatMap(({ text }) => rowOf(text, isBits)));
    const first = lines.find(({ text }) => ROW.test(text));
    return { blocks: [{ bytes, line: first?.number ?? 1 }], notes: [] };
  },
};

function rowOf(line: string, isBits: boolean): DumpRow[] {
  if (line.trim() === '*') return [{ kind: 'repeat' }];
  const [, offset, groups] = ROW.exec(line) ?? [];
  if (offset === undefined || groups === undefined) return [];
  const bytes = isBits
    ? Buffer.from(groups.split(' ').map((bits) => Number.parseInt(bits, 2)))
    : Buffer.from(groups.replaceAll(' ', ''), 'hex');
  return [{ kind: 'bytes', offset: Number.parseInt(offset, 16), bytes }];
}

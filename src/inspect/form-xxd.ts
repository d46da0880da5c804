import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';

/** `00000000: 1010 0004 4d51  ....MQ`: offset, groups of pairs, two blanks, characters. */
const ROW =
  /^\s{0,8}([\da-f]{8}): ((?:[\da-f]{2}){1,256}(?: (?:[\da-f]{2}){1,256}){0,255})(?: {2}|\s*$)/i;

/** What `xxd` prints, and `xxd -a` with its `*`. */
export const xxdForm: CaptureForm = {
  name: 'xxd',
  isFormOf: (lines) => lines.some((line) => ROW.test(line)),
  read(lines) {
    return { bytes: joinDumpRows(lines.flatMap(rowOf)), notes: [] };
  },
};

function rowOf(line: string): DumpRow[] {
  if (line.trim() === '*') return [{ kind: 'repeat' }];
  const [, offset, groups] = ROW.exec(line) ?? [];
  if (offset === undefined || groups === undefined) return [];
  const bytes = Buffer.from(groups.replaceAll(' ', ''), 'hex');
  return [{ kind: 'bytes', offset: Number.parseInt(offset, 16), bytes }];
}

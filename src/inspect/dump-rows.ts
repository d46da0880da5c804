import { Buffer } from 'node:buffer';
import { FormError } from './form-error.ts';

/** So much a dump may stand for: a `*` repeats a row as often as the next offset says. */
const DUMP_BYTES_MAX = 64 * 1024 * 1024;

/** One line of a dump. */
export type DumpRow =
  | { readonly kind: 'bytes'; readonly offset: number; readonly bytes: Buffer }
  /** The row above again, up to the next offset. */
  | { readonly kind: 'repeat' }
  /** An offset alone: where the dump ends. */
  | { readonly kind: 'end'; readonly offset: number };

/**
 * Joins the rows of a dump.
 *
 * @throws FormError if a repeat has no row before it, or goes on without end.
 */
export function joinDumpRows(rows: readonly DumpRow[]): Buffer {
  const parts: Buffer[] = [];
  let last: { readonly offset: number; readonly bytes: Buffer } | undefined;
  let isRepeating = false;
  let total = 0;
  for (const row of rows) {
    if (row.kind === 'repeat') {
      isRepeating = true;
      continue;
    }
    const filling = isRepeating ? repeat(last, row.offset, DUMP_BYTES_MAX - total) : undefined;
    isRepeating = false;
    const more = row.kind === 'bytes' ? [row.bytes] : [];
    for (const part of filling === undefined ? more : [filling, ...more]) {
      parts.push(part);
      total += part.length;
    }
    if (row.kind === 'bytes') last = row;
  }
  return Buffer.concat(parts);
}

/** What stands between a row and the next offset: the row's bytes, over and over. */
function repeat(
  last: { readonly offset: number; readonly bytes: Buffer } | undefined,
  until: number,
  bytesMax: number,
): Buffer {
  if (last === undefined || last.bytes.length === 0) {
    throw new FormError('the dump begins with "*", which repeats a row', 'copy it from its start');
  }
  const length = until - last.offset - last.bytes.length;
  if (length < 0 || length > bytesMax) {
    const to = until.toString(16).padStart(8, '0');
    const limit = `${DUMP_BYTES_MAX / 1024 / 1024} MiB`;
    throw new FormError(`"*" repeats a row up to offset ${to}`, `give a dump of at most ${limit}`);
  }
  return Buffer.alloc(length, last.bytes);
}

import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import { cleanBytes } from './clean-chain.ts';
import { type DumpRow, joinDumpRows } from './dump-rows.ts';
import { guessLink } from './link-guess.ts';
import type { TextLine } from './text-lines.ts';

/** An offset, blanks, pairs, and perhaps characters: `0010  76 31 82 08   v1..`. */
const OFFSET = String.raw`^\s{0,16}(?:0x)?([\da-f]{3,16}):?`;
const PAIRS = String.raw`[ \t]{1,8}((?:[\da-f]{2}[ \t]{1,3}){0,63}[\da-f]{2})(?![\da-f])(.*)$`;
const ROW = new RegExp(OFFSET + PAIRS, 'i');
const END = new RegExp(`${OFFSET}\\s*$`, 'i');
/** In the order in which they are tried. */
const RADIXES = [16, 8, 10] as const;

interface Row {
  readonly line: TextLine;
  readonly offset: string;
  /** All that may be pairs; the characters behind may look like some. */
  readonly pairs: readonly string[];
  readonly rest: string;
  readonly kind: DumpRow['kind'];
}

/** Dumps with an offset before each row, of `od -t x1`, Wireshark, tshark -x and many others. */
export const dumpForm: CaptureForm = {
  name: 'dump',
  isFormOf: (lines) => blocksOf(lines).some((rows) => radixOf(rows) !== undefined),
  read(lines) {
    const blocks = blocksOf(lines).flatMap((rows): TextBlock[] => {
      const bytes = joinDumpRows(bytesRows(rows, radixOf(rows) ?? 16));
      const [first] = rows;
      if (first === undefined || bytes.length === 0) return [];
      const linkType = cleanBytes(bytes) === 0 ? guessLink(bytes) : undefined;
      const { number, side, timeMs } = first.line;
      return [{ bytes, line: number, side, timeMs, linkType, isApart: true }];
    });
    return { blocks, notes: [] };
  },
};

/** An offset of zero begins a block. */
function blocksOf(lines: readonly TextLine[]): Row[][] {
  const blocks: Row[][] = [];
  for (const row of lines.flatMap(rowOf)) {
    const isFirst = row.kind === 'bytes' && /^0+$/.test(row.offset);
    if (isFirst || blocks.length === 0) blocks.push([]);
    blocks.at(-1)?.push(row);
  }
  return blocks;
}

function rowOf(line: TextLine): Row[] {
  if (line.text.trim() === '*') {
    return [{ line, kind: 'repeat', offset: '', pairs: [], rest: '' }];
  }
  const [, offset, pairs, rest = ''] = ROW.exec(line.text) ?? [];
  if (offset !== undefined && pairs !== undefined) {
    return [{ line, kind: 'bytes', offset, pairs: pairs.trim().split(/[ \t]+/), rest }];
  }
  const [, end] = END.exec(line.text) ?? [];
  return end === undefined ? [] : [{ line, kind: 'end', offset: end, pairs: [], rest: '' }];
}

/** The first in which each row goes up to the next; undefined if the rows are no dump. */
function radixOf(rows: readonly Row[]): number | undefined {
  const placed = rows.filter(({ kind }) => kind !== 'repeat');
  const [first] = placed;
  if (first === undefined || first.kind !== 'bytes') return undefined;
  const isZero = /^0{4,}$/.test(first.offset);
  if (placed.length === 1) return isZero ? 16 : undefined;
  return RADIXES.find((radix) =>
    placed.every((row, index) => {
      const next = placed[index + 1];
      if (next === undefined) return true;
      const step = Number.parseInt(next.offset, radix) - Number.parseInt(row.offset, radix);
      const isRepeated = rows[rows.indexOf(row) + 1]?.kind === 'repeat';
      return isRepeated ? step > 0 : step > 0 && step <= row.pairs.length;
    }),
  );
}

function bytesRows(rows: readonly Row[], radix: number): DumpRow[] {
  return rows.map((row, index): DumpRow => {
    if (row.kind === 'repeat') return { kind: 'repeat' };
    const offset = Number.parseInt(row.offset, radix);
    if (row.kind === 'end') return { kind: 'end', offset };
    const next = rows[index + 1];
    const isNextKnown = next !== undefined && next.kind !== 'repeat';
    const step = isNextKnown ? Number.parseInt(next.offset, radix) - offset : lastCount(row);
    const bytes = Buffer.from(row.pairs.slice(0, step).join(''), 'hex');
    return { kind: 'bytes', offset, bytes };
  });
}

/** In the last row as many pairs as there are characters behind them. */
function lastCount({ pairs, line, rest }: Row): number {
  if (rest.trim() === '' && !/\S {3,}\S/.test(line.text)) return pairs.length;
  for (let count = pairs.length; count > 0; count -= 1) {
    const pattern = new RegExp(
      `^\\s*\\S+\\s+(?:[\\da-f]{2}\\s{1,4}){${count - 1}}[\\da-f]{2}\\s+`,
      'i',
    );
    const shown = line.text.replace(pattern, '');
    if (shown !== line.text && (shown.length === count || shown.trim().length === count)) {
      return count;
    }
  }
  return pairs.length;
}

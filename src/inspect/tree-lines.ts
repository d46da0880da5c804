import type { Buffer } from 'node:buffer';
import type { Finding } from './finding.ts';
import { asciiOf } from './safe-text.ts';
import { PLAIN_THEME, type Theme, type ThemeRole } from './theme.ts';
import type { TreeRow } from './tree-rows.ts';
import { countText, SHOWN_BYTES_MAX } from './value-text.ts';
import { wrapText } from './wrap-text.ts';

/** Narrower, texts are no use. */
const TEXT_COLUMNS_MIN = 30;

/** The table that the rows of one packet stand in. */
export interface Table {
  readonly theme: Theme;
  readonly bytes: Buffer;
  /** Of the packet, in its stream. */
  readonly offset: number;
  readonly offsetDigits: number;
  readonly bytesPerRow: number;
  readonly hasAscii: boolean;
  readonly isFull: boolean;
  /** Of the terminal: texts go on in the next line rather than past it. */
  readonly columns: number;
}

interface Cells {
  /** Of the line's first byte, in the stream. */
  readonly offset?: number;
  readonly hex?: string;
  readonly ascii?: string;
  readonly text?: string;
}

/** A row's lines: bytes or bits, its text beside the first, its findings under what they mean. */
export function rowLines(row: TreeRow, table: Table): string[] {
  const indent = /^ */.exec(row.text)?.[0].length ?? 0;
  const texts = wrapText(row.text, textColumns(table), indent + 2).map((text) =>
    paint(table.theme, row.role, text),
  );
  if (row.bits !== undefined) {
    const [text = '', ...more] = texts;
    const line = lineOf(table, { hex: bitPattern(row.byte ?? 0, row.bits), text });
    const moreLines = more.map((one) => lineOf(table, { text: one }));
    return [
      line,
      ...moreLines,
      ...row.findings.flatMap((finding) => bitFindingLines(finding, table)),
    ];
  }
  const shownEnd = table.isFull ? row.end : Math.min(row.end, row.start + SHOWN_BYTES_MAX);
  const lines: string[] = [];
  for (let at = row.start; at < shownEnd; at += table.bytesPerRow) {
    const end = Math.min(at + table.bytesPerRow, shownEnd);
    lines.push(byteLine(row, [at, end], table, texts.shift() ?? ''));
    lines.push(...row.findings.flatMap((finding) => caretLines(finding, [at, end], row, table)));
  }
  lines.push(...texts.map((text) => lineOf(table, { text })));
  if (shownEnd < row.end) {
    lines.push(lineOf(table, { hex: `… +${countText(row.end - shownEnd)}` }));
  }
  const unplaced = row.findings.filter(({ span }) => span.start >= Math.min(span.end, shownEnd));
  return [...lines, ...unplaced.flatMap((finding) => findingLines(finding, table, ''))];
}

/** What is wrong, by which clause; the rule and what happens then; what it may come from. */
export function findingTexts(finding: Finding, theme: Theme): string[] {
  const { answer, clauses, code, likely, rule, severity } = finding;
  const colour = severity === 'note' ? theme.dim : theme[severity];
  const lines = [colour([`${severity}: ${code}`, ...clauses].join(' '))];
  lines.push(`  ${[rule, answer].filter((text) => text !== undefined).join('; ')}`);
  if (likely !== undefined) lines.push(`  likely: ${likely}`);
  return lines;
}

/** So wide is what stands beside the bytes; on a narrow terminal it runs over its edge. */
function textColumns({ bytesPerRow, columns, hasAscii, offsetDigits }: Table): number {
  const ascii = hasAscii ? bytesPerRow + 3 : 0;
  return Math.max(TEXT_COLUMNS_MIN, columns - (offsetDigits + 2) - 3 * bytesPerRow - 5 - ascii);
}

/** `0x002a`, with as many digits or more. */
export function hexOffset(offset: number, digits: number): string {
  return `0x${offset.toString(16).padStart(digits, '0')}`;
}

/** The text in its role's colour. */
export function paint(theme: Theme, role: ThemeRole | undefined, text: string): string {
  return role === undefined || text === '' ? text : theme[role](text);
}

function lineOf(table: Table, { ascii = '', hex = '', offset, text = '' }: Cells): string {
  const { bytesPerRow, hasAscii, offsetDigits, theme } = table;
  const place =
    offset === undefined ? ' '.repeat(offsetDigits + 2) : hexOffset(offset, offsetDigits);
  const cells = [theme.dim(place), hex.padEnd(bytesPerRow * 3 - 1)];
  if (hasAscii) cells.push(ascii.padEnd(bytesPerRow));
  cells.push(text);
  return cells.join(` ${theme.dim('│')} `).trimEnd();
}

function byteLine(
  { hiddenFrom = Infinity }: TreeRow,
  [start, end]: readonly [number, number],
  table: Table,
  text: string,
): string {
  const bytes = [...table.bytes.subarray(start, end)];
  const isHidden = (index: number) => start + index >= hiddenFrom;
  const hex = bytes.map((byte, i) => (isHidden(i) ? '**' : byte.toString(16).padStart(2, '0')));
  const ascii = bytes.map((byte, i) => (isHidden(i) ? '*' : asciiOf([byte])));
  const offset = table.offset + start;
  return lineOf(table, { offset, hex: hex.join(' '), ascii: ascii.join(''), text });
}

/** Carets under the bytes of a finding in this line; its text stands beside the last of them. */
function caretLines(
  finding: Finding,
  [start, end]: readonly [number, number],
  row: TreeRow,
  table: Table,
): string[] {
  const { span } = finding;
  const from = Math.max(span.start, start);
  const to = Math.min(span.end, end);
  if (from >= to) return [];
  const carets = `${'   '.repeat(from - start)}${Array(to - from)
    .fill('^^')
    .join(' ')}`;
  const shownEnd = table.isFull ? row.end : Math.min(row.end, row.start + SHOWN_BYTES_MAX);
  const isLast = span.end <= end || end === shownEnd;
  return isLast ? findingLines(finding, table, carets) : [lineOf(table, { hex: carets })];
}

function bitFindingLines(finding: Finding, table: Table): string[] {
  const [high, low] = finding.span.bits ?? [7, 0];
  return findingLines(finding, table, `${' '.repeat(7 - high)}${'^'.repeat(high - low + 1)}`);
}

function findingLines(finding: Finding, table: Table, carets: string): string[] {
  const texts = findingTexts(finding, PLAIN_THEME);
  const colour = finding.severity === 'note' ? table.theme.dim : table.theme[finding.severity];
  const lines = texts.flatMap((text, index) => {
    const wrapped = wrapText(text, textColumns(table), 4);
    return index === 0 ? wrapped.map(colour) : wrapped;
  });
  const [first = '', ...more] = lines;
  return [
    lineOf(table, { hex: carets, text: first }),
    ...more.map((text) => lineOf(table, { text })),
  ];
}

/** `..01....`: the bits in question, dots for the rest of their byte. */
function bitPattern(byte: number, [high, low]: readonly [number, number]): string {
  const bits = byte.toString(2).padStart(8, '0');
  return [...bits].map((bit, i) => (7 - i <= high && 7 - i >= low ? bit : '.')).join('');
}

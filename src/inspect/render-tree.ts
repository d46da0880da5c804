import { gapText } from './gap-text.ts';
import { packetFields } from './packet-fields.ts';
import { renderSummaryBody } from './render-summary.ts';
import type { ShownField } from './shown-field.ts';
import type { DecodedPacket, Gap } from './stream-decoder.ts';
import type { Theme } from './theme.ts';
import { renderHead } from './tree-head.ts';
import { findingTexts, hexOffset, paint, rowLines, type Table } from './tree-lines.ts';
import { treeRows } from './tree-rows.ts';
import { countText, valueText } from './value-text.ts';

/** Columns from which a row has 16 bytes; below which it has no ASCII; below which no table is. */
const WIDE_COLUMNS = 132;
const ASCII_COLUMNS = 80;
const TABLE_COLUMNS = 60;

export interface TreeOptions {
  readonly theme: Theme;
  /** Of the terminal. */
  readonly columns: number;
  /** One line per field whatever the width: `offset+length  path: value`. */
  readonly isFlat: boolean;
  readonly showSecrets: boolean;
  /** Strings and payloads are not cut. */
  readonly isFull: boolean;
  /** The moment from which times are counted. */
  readonly startMs?: number | undefined;
}

/** A packet byte by byte: a head line, then `offset │ hex │ ascii │ field`. No line end behind. */
export function renderTree(packet: DecodedPacket, options: TreeOptions): string {
  const { showSecrets, theme } = options;
  const fields = packetFields(packet, showSecrets);
  const isFlat = options.isFlat || options.columns < TABLE_COLUMNS;
  const lines = [renderHead(packet, options)];
  lines.push(...(isFlat ? flatLines : tableLines)(packet, fields, options));
  const other = alternativeText(packet, options);
  if (other !== undefined) lines.push(theme.odd(`as 5.0: ${other}`));
  return lines.join('\n');
}

/** One line for bytes that are no packet. */
export function renderGap(gap: Gap, theme: Theme): string {
  const last = gap.offset + gap.length - 1;
  const place = `${hexOffset(gap.offset, 4)}-${hexOffset(last, 4)}`;
  const what = gap.isMissing ? 'missing' : 'skipped';
  const head = `gap  ${countText(gap.length)} ${what}  ${place}`;
  return theme.odd(`${head}  ${gapText(gap)}`);
}

function tableLines(
  { findings, inspection, offset }: DecodedPacket,
  fields: readonly ShownField[],
  { columns, isFull, theme }: TreeOptions,
): string[] {
  const { bytes } = inspection;
  const table: Table = {
    theme,
    bytes,
    offset,
    offsetDigits: offset + bytes.length > 0x1_0000 ? 8 : 4,
    bytesPerRow: columns >= WIDE_COLUMNS ? 16 : 8,
    hasAscii: columns >= ASCII_COLUMNS,
    isFull,
    columns,
  };
  return treeRows(fields, { bytes, findings, isFull }).flatMap((row) => rowLines(row, table));
}

function flatLines(
  { findings, offset }: DecodedPacket,
  fields: readonly ShownField[],
  { isFull, theme }: TreeOptions,
): string[] {
  const whole = fields.filter(({ isSplit }) => isSplit !== true);
  const lines = whole.map((field) => {
    const place = `${hexOffset(offset + field.start, 4)}+${field.end - field.start}`;
    const role = field.hiddenFrom === undefined ? field.role : 'hidden';
    const text = `${field.path}: ${valueText(field, isFull)}`;
    return `${theme.dim(place)}  ${paint(theme, role, text)}`;
  });
  return [...lines, ...findings.flatMap((finding) => findingTexts(finding, theme))];
}

/** What 5.0 makes of the packet, if that is another thing. */
function alternativeText(
  { alternative, inspection }: DecodedPacket,
  { isFull }: TreeOptions,
): string | undefined {
  if (alternative === undefined) return undefined;
  const other = renderSummaryBody(alternative, isFull);
  return other === renderSummaryBody(inspection, isFull) ? undefined : other;
}

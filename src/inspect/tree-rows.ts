import type { Buffer } from 'node:buffer';
import type { Finding } from './finding.ts';
import type { ShownField } from './shown-field.ts';
import type { ThemeRole } from './theme.ts';
import { valueText } from './value-text.ts';

/** One field of the tree: it takes as many lines as its bytes need. */
export interface TreeRow {
  readonly start: number;
  readonly end: number;
  /** A part of a byte: it is shown as its bits, instead of the bytes. */
  readonly bits?: readonly [high: number, low: number] | undefined;
  /** The byte that the bits are of. */
  readonly byte?: number | undefined;
  readonly text: string;
  readonly role: ThemeRole | undefined;
  readonly hiddenFrom?: number | undefined;
  readonly findings: readonly Finding[];
}

type BareRow = Omit<TreeRow, 'findings'>;

interface RowOptions {
  readonly bytes: Buffer;
  readonly findings: readonly Finding[];
  readonly isFull: boolean;
}

/** The rows of a packet in wire order, each with the findings about it. */
export function treeRows(fields: readonly ShownField[], options: RowOptions): TreeRow[] {
  const rows: BareRow[] = [];
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i];
    if (field === undefined) break;
    if (field.isSplit === true) {
      const parts = partsOf(fields, i + 1);
      rows.push(...splitRows(field, parts, options));
      i += parts.length;
    } else {
      rows.push(rowOf(field, options.isFull));
    }
  }
  return withFindings(rows, options.findings);
}

function partsOf(fields: readonly ShownField[], from: number): readonly ShownField[] {
  const end = fields.findIndex((field, index) => index >= from && field.bits === undefined);
  return fields.slice(from, end < 0 ? fields.length : end);
}

function rowOf(field: ShownField, isFull: boolean, byte?: number): BareRow {
  const { bits, depth, end, hiddenFrom, label, start } = field;
  const role = hiddenFrom === undefined ? field.role : 'hidden';
  const text = `${'  '.repeat(depth)}${label}: ${valueText(field, isFull)}`;
  return { start, end, bits, byte, text, role, hiddenFrom };
}

/** A byte of flags: a row for itself, and one for each part. */
function splitRows(
  field: ShownField,
  parts: readonly ShownField[],
  { bytes, findings, isFull }: RowOptions,
): BareRow[] {
  const { end, start } = field;
  const byte = bytes[start] ?? 0;
  const partRows = (shown: readonly ShownField[]) => shown.map((part) => rowOf(part, isFull, byte));
  if (field.name === 'header') {
    const [type, ...flags] = parts;
    const head: BareRow = { start, end, text: headerText(type, flags, byte), role: 'type' };
    const isPublish = flags.length > 1;
    const isAtFault = findings.some(({ span }) => span.bits !== undefined && span.start === start);
    if (isPublish) return [head, ...partRows(flags)];
    return isAtFault ? [head, ...partRows(parts)] : [head];
  }
  const head: BareRow = { start, end, text: field.label, role: field.role };
  if (field.name !== 'connectFlags') return [head, ...partRows(parts)];
  const will = parts.filter((part) => part.name.startsWith('will'));
  const [before, after] = [parts.slice(0, 2), parts.slice(2 + will.length)];
  return [head, ...partRows(before), willRow(will, byte), ...partRows(after)];
}

function headerText(
  type: ShownField | undefined,
  flags: readonly ShownField[],
  byte: number,
): string {
  const name = `type: ${type?.meaning ?? ''} (${String(type?.value ?? '')})`;
  const bits = (byte & 0x0f).toString(2).padStart(4, '0');
  return flags.length === 1 ? `${name}, flags ${bits}` : name;
}

/** The three parts about the will say one thing together. */
function willRow(parts: readonly ShownField[], byte: number): BareRow {
  const { end = 0, start = 0 } = parts[0] ?? {};
  const [retain, qos, will] = parts.map((part) => Number(part.value));
  const has = will === 1 ? 'yes' : 'no';
  const text = `  will: ${has} (retain ${retain}, QoS ${qos})`;
  return { start, end, bits: [5, 2], byte, text, role: undefined };
}

/** Each finding goes to the row that shows its bits, else its first byte, else to the last one. */
function withFindings(rows: readonly BareRow[], findings: readonly Finding[]): TreeRow[] {
  const byRow = new Map<number, Finding[]>();
  for (const finding of findings) {
    const index = rowIndexOf(rows, finding);
    byRow.set(index, [...(byRow.get(index) ?? []), finding]);
  }
  return rows.map((row, index) => ({ ...row, findings: byRow.get(index) ?? [] }));
}

function rowIndexOf(rows: readonly BareRow[], { span }: Finding): number {
  const { bits, start } = span;
  const inBits = rows.findIndex(
    (row) =>
      bits !== undefined &&
      row.bits !== undefined &&
      row.start === start &&
      row.bits[0] >= bits[0] &&
      row.bits[1] <= bits[1],
  );
  if (inBits >= 0) return inBits;
  const holding = rows.findIndex(
    (row) => row.bits === undefined && row.start <= start && start < row.end,
  );
  if (holding >= 0) return holding;
  const before = rows.findLastIndex((row) => row.end <= start && row.start < row.end);
  return Math.max(0, before);
}

import { Buffer } from 'node:buffer';
import { hexByte } from '../base/hex-byte.ts';
import { viewPayload } from './payload-text.ts';
import { quotedText, safeText } from './safe-text.ts';
import type { ShownField } from './shown-field.ts';

/** Strings and payloads are shown up to so many bytes, unless all was asked for. */
export const SHOWN_BYTES_MAX = 256;

const FLAWS = { cut: 'cut short', overrun: 'does not fit' } as const;

/** A field's value for a person; strings and payloads are cut unless `isFull`. */
export function valueText(field: ShownField, isFull: boolean): string {
  const { flaw, isImplied } = field;
  const value = field.hiddenFrom === undefined ? openText(field, isFull) : hiddenText(field);
  const remarks = [
    field.remark ?? '',
    flaw === undefined ? '' : FLAWS[flaw],
    isImplied ? 'implied' : '',
  ];
  const remark = remarks.filter((text) => text !== '').map((text) => `(${text})`);
  return [value, ...remark].filter((text) => text !== '').join(' ');
}

/** The text of at most `SHOWN_BYTES_MAX` bytes, and how many bytes that leaves out. */
export function cutText(text: string, isFull: boolean): readonly [shown: string, left: number] {
  const bytes = Buffer.from(text);
  if (isFull || bytes.length <= SHOWN_BYTES_MAX) return [text, 0];
  let end = SHOWN_BYTES_MAX;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1; // Not within a character.
  return [bytes.toString('utf8', 0, end), bytes.length - end];
}

function hiddenText({ end, hiddenFrom = end }: ShownField): string {
  return `${countText(end - hiddenFrom)}, hidden (--show-secrets)`;
}

function openText(field: ShownField, isFull: boolean): string {
  const { meaning, unit, value } = field;
  if (value === undefined) return '';
  if (typeof value === 'number') return numberText(field, value);
  if (typeof value === 'string') return stringText(value, isFull);
  if (Buffer.isBuffer(value)) return bytesText(value, isFull);
  const [name, content] = value as readonly [string, string];
  const pair = `${stringText(name, isFull)} = ${stringText(content, isFull)}`;
  return [pair, unit, meaning].filter((text) => text !== undefined).join(' ');
}

function numberText({ bits, meaning, name, unit }: ShownField, value: number): string {
  if (name === 'flags') return value.toString(2).padStart(4, '0');
  if (name === 'type') return `${meaning} (${value})`;
  if (name === 'reasonCode') return `${hexByte(value)} ${meaning ?? ''}`.trimEnd();
  const isFlag = bits !== undefined && bits[0] === bits[1];
  if (isFlag && meaning !== undefined) return meaning;
  const amount = unit === undefined ? `${value}` : `${value} ${unit}`;
  return meaning === undefined ? amount : `${amount}, ${meaning}`;
}

function stringText(text: string, isFull: boolean): string {
  const [shown, left] = cutText(text, isFull);
  return `${quotedText(shown)}${leftText(left)}`;
}

function bytesText(bytes: Buffer, isFull: boolean): string {
  const count = countText(bytes.length);
  const view = viewPayload(bytes);
  if (view === undefined) return count;
  const [shown, left] = cutText(view.text, isFull);
  return `${count}, ${view.form}: ${safeText(shown)}${leftText(left)}`;
}

function leftText(left: number): string {
  return left === 0 ? '' : ` … +${countText(left)}`;
}

/** `1 byte`, `2 bytes`. */
export function countText(count: number, noun = 'byte'): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** `0.8`, `1.92`, `1520`: three digits say enough, and no duration is shown as nothing. */
export function millisecondsText(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  return ms >= 10 ? ms.toFixed(1) : String(Number(ms.toFixed(ms >= 1 ? 2 : 3)));
}

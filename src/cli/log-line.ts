import { escapeUnsafe, quoteText } from '../base/quote-text.ts';
import type { BrokerEvent } from '../broker/broker-ports.ts';

/** Fields that may hold anything a client or a person wrote; the others are mostly words. */
const QUOTED = new Set([
  'client',
  'user',
  'topic',
  'filter',
  'reason',
  'refused',
  'message',
  'cause',
  'next',
  'bytes',
  'stack',
  'uptime',
  'drain',
]);
/** A line shows no more of one text, in UTF-16 units: a topic may have 65,535 bytes. */
const TEXT_MAX = 256;
/** What is one word without quotes, whoever reads it: numbers, addresses, options, clauses. */
const WORD = /^[\w.:+%/[\]-]+$/;

/** In what form events are written, the default first. */
export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

type Value = string | number;

/** One event as one line: what a client sent can neither end it nor act on a terminal. */
export function renderLogLine(event: BrokerEvent, date: Date, format: LogFormat = 'text'): string {
  return format === 'json' ? renderJson(event, date) : renderText(event, date);
}

/** Time in UTC, level, event, then `key=value`, text in JSON quoting. */
function renderText({ event, fields, level }: BrokerEvent, date: Date): string {
  const words: Value[] = [date.toISOString(), level.padEnd(5), event];
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    // The byte in brackets says where they begin.
    if (value === undefined || name === 'bytes_from') continue;
    const shown = name === 'bytes' ? renderBytes(fields) : value;
    words.push(`${name}=${renderValue(name, shown)}`);
  }
  return words.join(' ');
}

/** One object; the reason has its code with it, the bytes have no blanks between them. */
function renderJson({ event, fields, level }: BrokerEvent, date: Date): string {
  const { code, reason } = fields;
  const known = knownFields(fields).filter(([name]) => reason === undefined || name !== 'code');
  const both = { code: Number(code), name: reason };
  const values = known.map(([name, value]) => [name, name === 'reason' ? both : cut(name, value)]);
  const line = { ts: date.toISOString(), level, event, ...Object.fromEntries(values) };
  return escapeUnsafe(JSON.stringify(line));
}

function knownFields(fields: BrokerEvent['fields']): [name: string, value: Value][] {
  return Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined);
}

/** `30 [36] 0c`: the byte at fault in brackets. */
function renderBytes({ bytes = '', bytes_from: from = 0, offset }: BrokerEvent['fields']): string {
  const pairs = String(bytes).match(/../g) ?? [];
  const at = Number(offset) - Number(from);
  return pairs.map((pair, index) => (index === at ? `[${pair}]` : pair)).join(' ');
}

function renderValue(name: string, value: Value): Value {
  if (typeof value === 'number' || (!QUOTED.has(name) && WORD.test(value))) return value;
  return quoteText(String(cut(name, value)));
}

function cut(name: string, value: Value): Value {
  if (typeof value === 'number' || name === 'stack' || value.length <= TEXT_MAX) return value;
  return `${value.slice(0, TEXT_MAX)}… +${value.length - TEXT_MAX}`;
}

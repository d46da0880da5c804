import type { BrokerEvent } from '../broker/broker-ports.ts';

/** Fields that may hold anything a client or a person wrote; the others are words and numbers. */
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
/** Control characters that JSON leaves as they are, and that a terminal would obey. */
const C1_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One event as one line: time in UTC, level, event, then `key=value`, text in JSON quoting. What a
 * client sent cannot end the line, nor reach a terminal as a control character.
 */
export function renderLogLine(event: BrokerEvent, date: Date): string {
  const fields = Object.entries(event.fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${renderValue(name, value)}`],
  );
  return [date.toISOString(), event.level.padEnd(5), event.event, ...fields].join(' ');
}

function renderValue(name: string, value: string | number): string | number {
  if (typeof value === 'number' || !QUOTED.has(name)) return value;
  return quote(value, name === 'stack' ? Number.POSITIVE_INFINITY : TEXT_MAX);
}

function quote(text: string, max: number): string {
  const isCut = text.length > max;
  const shown = isCut ? `${text.slice(0, max)}… +${text.length - max}` : text;
  return JSON.stringify(shown).replace(
    C1_CONTROLS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

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
]);
/** Control characters that JSON leaves as they are, and that a terminal would obey. */
const C1_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One event as one line: time in UTC, level, event, then `key=value`, text in JSON quoting. What a
 * client sent cannot end the line, nor reach a terminal as a control character.
 */
export function renderLogLine(event: BrokerEvent, date: Date): string {
  const fields = Object.entries(event.fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${QUOTED.has(name) ? quote(String(value)) : value}`],
  );
  return [date.toISOString(), event.level.padEnd(5), event.event, ...fields].join(' ');
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    C1_CONTROLS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';

/** Checks one text and turns it into its value; `option` is its name for messages: `--port`. */
export type ValueParser<V> = (text: string, option: string) => V;

/** The longest text that MQTT can say. */
const TEXT_BYTES_MAX = 65_535;

const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1000],
  ['m', 1000 ** 2],
  ['g', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);

/** The error for a value that an option cannot have; `remedy` says what it can have. */
export function unusableValue(option: string, text: string, remedy: string): CallerError {
  return new CallerError('usage', `${option} cannot be ${JSON.stringify(text)}`, { remedy });
}

/** A parser of decimal whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): ValueParser<number> {
  return (text, option) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const bound = max === Number.MAX_SAFE_INTEGER ? `, at least ${min}` : ` from ${min} to ${max}`;
    throw unusableValue(option, text, `give a whole number${bound}`);
  };
}

/** A name or an address; the brackets that one of IPv6 has in a URL are left off. */
export function parseHost(text: string, option: string): string {
  const [, address] = /^\[([\da-f:.]+(?:%[^\]]+)?)\]$/i.exec(text) ?? [];
  if (address !== undefined) return address;
  const hasPort = /^[^:]*:\d+$/.test(text);
  if (text !== '' && !hasPort && !/[\s/[\]]/.test(text)) return text;
  throw unusableValue(option, text, 'give a name or an address alone; the port goes to -p');
}

/** A port; 0 is any that is free. */
export const parsePort = wholeNumber(0, 65_535);

/** Something that there is at least one of. */
export const parseCount = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** A quality of service. */
export function parseQos(text: string, option: string): 0 | 1 | 2 {
  if (text === '0') return 0;
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw unusableValue(option, text, 'give 0, 1 or 2');
}

/** A time in whole milliseconds: `2`, `0.5` (seconds), `500ms`, `2s`, `5m`, `1h`, `30d`. */
export function parseDurationMs(text: string, option: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Math.round(Number(digits) * (MS_PER_UNIT.get(unit) ?? Number.NaN));
  if (digits !== '' && Number.isSafeInteger(ms)) return ms;
  throw unusableValue(option, text, 'give seconds (2, 0.5), or 500ms, 2s, 5m, 1h');
}

/**
 * A parser of times that MQTT counts in whole seconds, 0 to `max`: `90`, `5m`, `1h`.
 *
 * @param word what may be given instead, which callers see to.
 */
export function wholeSeconds(max: number, word?: string): ValueParser<number> {
  return (text, option) => {
    const seconds = parseDurationMs(text, option) / 1000;
    if (Number.isInteger(seconds) && seconds <= max) return seconds;
    const or = word === undefined ? '' : `, or ${word}`;
    throw unusableValue(option, text, `give a time in whole seconds, at most ${max}${or}`);
  };
}

/** A percentage as a share: `10`, `2.5`, `10%` for 0.1, 0.025 and 0.1. */
export function percentShare(text: string, option: string): number {
  const [, digits = ''] = /^(\d+(?:\.\d+)?) ?%?$/.exec(text) ?? [];
  if (digits !== '') return Number(digits) / 100;
  throw unusableValue(option, text, 'give a percentage: 10, 2.5');
}

/** A size in bytes: `65536`, `10k` (10,000), `1MiB` (1,048,576). */
export function parseSizeBytes(text: string, option: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]|[kmg]ib)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (BYTES_PER_UNIT.get(unit.toLowerCase()) ?? Number.NaN);
  if (digits !== '' && Number.isSafeInteger(bytes)) return bytes;
  throw unusableValue(option, text, 'give bytes (65536), or 10k, 2M, 16MiB, 1GiB');
}

/**
 * Bytes as pairs of hex digits; before a pair may stand blanks, `:`, `,` or `-`, and `0x` at the
 * very start. The error names the column, from 1, of what does not fit.
 */
export function parseHexBytes(text: string, option: string): Buffer {
  const bytes: number[] = [];
  let at = /^0x/i.test(text) ? 2 : 0;
  for (;;) {
    while (/[\s:,-]/.test(text.charAt(at))) at += 1;
    if (at === text.length) return Buffer.from(bytes);
    const pair = text.slice(at, at + 2);
    if (!/^[\da-f]{2}$/i.test(pair)) {
      const column = at + (/^[\da-f]/i.test(pair) ? 2 : 1);
      const remedy = 'write each byte as two hex digits: "0a ff"';
      throw new CallerError('usage', `${option} is no hex at column ${column}`, { remedy });
    }
    bytes.push(Number.parseInt(pair, 16));
    at += 2;
  }
}

/** Bytes in base64 of the usual alphabet, with or without the `=` at the end. */
export function parseBase64Bytes(text: string, option: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what it does not know: only text that comes out again was understood.
  const whole = bytes.toString('base64');
  if (text === whole || text === whole.replace(/=+$/, '')) return bytes;
  throw new CallerError('usage', `${option} is no base64`, {
    remedy: 'write groups of four characters from A-Z a-z 0-9 + /, the last filled up with =',
  });
}

/** A name and a value, split at the first `=`. */
export function parseNameValue(text: string, option: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw unusableValue(option, text, 'write NAME=VALUE');
}

/** Text as MQTT can say it: 65,535 bytes at most, of whole characters. */
export function parseText(text: string, option: string): string {
  if (!text.isWellFormed()) throw unusableValue(option, text, 'use whole characters');
  const bytes = Buffer.byteLength(text);
  if (bytes <= TEXT_BYTES_MAX) return text;
  throw new CallerError('usage', `${option} has ${bytes} bytes`, {
    remedy: `shorten it: MQTT allows ${TEXT_BYTES_MAX}`,
  });
}

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { PublishPacket } from '../codec/packet.ts';
import { isTimePart, localTime, timePart } from './format-time.ts';
import { mosquittoJson } from './mosquitto-json.ts';
import { terminalText } from './terminal-text.ts';

/** What a format is filled in from. */
export interface FormatContext {
  readonly packet: PublishPacket;
  /** Microseconds since 1970. */
  readonly wallUs: number;
  readonly isPretty: boolean;
  /** A terminal is shown no control characters. */
  readonly isTerminal: boolean;
  /** Hears of a value that the message cannot give. */
  readonly onFault: (what: string) => void;
}

/** How one value is set: `%-5t`, `%05l`, `%.2:x`. */
interface Field {
  readonly letter: string;
  readonly isLeft: boolean;
  readonly isZeroed: boolean;
  readonly width: number;
  readonly max: number | undefined;
  readonly separator: string;
}

type Piece = Buffer | ((context: FormatContext) => Buffer);

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  '0': '\0',
  a: '\x07',
  e: '\x1b',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\x0b',
};
const FIELD = /^%(-?)(0?)(\d*)(?:\.(\d+))?([ !"#$&'()*+,\-./:;<=>?@[\\\]^_`{|}~]?)([A-Za-z])/;
const LETTERS = 'ACDdEFfIjJlmPpqRrStUxX';
const WITH_WIDTH = 'ACdEFfIlmpRStxX';
const WITH_MAX = 'CIRt';
const NUMERIC = 'AdEFflmSpxX';
const HEX = 'xX';
/** More would only be blanks. */
const WIDTH_MAX = 10_000;
const DECIMALS = 6;
const DECIMALS_MAX = 100;

/** The text values, by letter; undefined for a property that is not there. */
const VALUES: Readonly<Record<string, (context: FormatContext) => string | undefined>> = {
  A: ({ packet }) => packet.properties.topicAlias?.toString(),
  C: ({ packet }) => packet.properties.contentType,
  E: ({ packet }) => packet.properties.messageExpiryInterval?.toString(),
  F: ({ packet }) => packet.properties.payloadFormatIndicator?.toString(),
  I: ({ wallUs }) => localTime(wallUs),
  l: ({ packet }) => String(packet.payload.length),
  m: ({ packet }) => String(packet.packetId ?? 0),
  P: ({ packet }) =>
    packet.properties.userProperty?.map(([key, value]) => `${key}:${value}`).join(' '),
  q: ({ packet }) => String(packet.qos),
  R: ({ packet }) => packet.properties.responseTopic,
  r: ({ packet }) => (packet.isRetained ? '1' : '0'),
  S: ({ packet }) => packet.properties.subscriptionIdentifier?.[0]?.toString(),
  t: ({ packet }) => packet.topicName,
  U: ({ wallUs }) => {
    const ns = String((wallUs % 1_000_000) * 1000).padStart(9, '0');
    return `${Math.floor(wallUs / 1_000_000)}.${ns}`;
  },
};

/** The language of `-F`: `%t %p`, `@H:@M`, `\n`. */
export class MessageFormat {
  readonly #pieces: readonly Piece[];

  /** @throws CallerError usage, with a caret below what cannot be read. */
  constructor(text: string) {
    this.#pieces = parse(text);
  }

  /** One message. @throws CallerError file where `%J` meets a payload that is no JSON. */
  render(context: FormatContext): Buffer {
    return Buffer.concat(
      this.#pieces.map((piece) => (typeof piece === 'function' ? piece(context) : piece)),
    );
  }
}

function parse(format: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  const push = (piece: Piece) => {
    if (literal !== '') pieces.push(Buffer.from(literal));
    literal = '';
    pieces.push(piece);
  };
  for (let at = 0; at < format.length; ) {
    const char = format.charAt(at);
    const next = format.charAt(at + 1);
    if (char === '%' && next !== '%') {
      const { length, piece } = readField(format, at);
      push(piece);
      at += length;
    } else if (char === '@' && next !== '@') {
      push(timePiece(format, at, next));
      at += 2;
    } else if (char === '\\') {
      literal += escaped(format, at, next);
      at += 2;
    } else {
      literal += char;
      at += char === '%' || char === '@' ? 2 : 1;
    }
  }
  if (literal !== '') pieces.push(Buffer.from(literal));
  return pieces;
}

function escaped(format: string, at: number, letter: string): string {
  const text = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (text === undefined) throw fault(format, at, 'write \\\\ for a backslash');
  return text;
}

function timePiece(format: string, at: number, letter: string): Piece {
  if (letter === 'N') {
    return ({ wallUs }) => Buffer.from(String((wallUs % 1_000_000) * 1000).padStart(9, '0'));
  }
  if (!isTimePart(letter)) throw fault(format, at, 'write @@ for an @');
  return ({ wallUs }) => Buffer.from(timePart(letter, wallUs));
}

function readField(format: string, at: number): { readonly piece: Piece; readonly length: number } {
  const match = FIELD.exec(format.slice(at));
  const [whole = '', minus, zero, width, max, separator = '', letter = ''] = match ?? [];
  const isRight = LETTERS.includes(letter) && (separator === '' || HEX.includes(letter));
  if (match === null || !isRight) throw fault(format, at, 'write %% for a percent sign');
  const field: Field = {
    letter,
    isLeft: minus === '-',
    isZeroed: zero === '0' && minus !== '-' && NUMERIC.includes(letter),
    width: WITH_WIDTH.includes(letter) ? Number(width) : 0,
    max: max === undefined ? undefined : Number(max),
    separator,
  };
  if (field.width > WIDTH_MAX) throw fault(format, at, `a width is at most ${WIDTH_MAX}`);
  return { piece: (context) => render(field, context), length: whole.length };
}

function render(field: Field, context: FormatContext): Buffer {
  const { letter } = field;
  const { packet } = context;
  if (letter === 'p') return renderPayload(field, context);
  if (letter === 'j' || letter === 'J') {
    const form = letter === 'j' ? 'text' : 'json';
    return Buffer.from(mosquittoJson(packet, context.wallUs, form, context.isPretty));
  }
  if (letter === 'D') return safe(packet.properties.correlationData ?? Buffer.alloc(0), context);
  const text = textOf(field, context) ?? '';
  const cut =
    field.max !== undefined && WITH_MAX.includes(letter)
      ? [...text].slice(0, field.max).join('')
      : text;
  return safe(Buffer.from(padded(cut, field)), context);
}

function textOf(field: Field, context: FormatContext): string | undefined {
  const { letter } = field;
  const { payload } = context.packet;
  if (HEX.includes(letter)) return hexOf(payload, field);
  if (letter === 'd') return floatOf(field, context, 8);
  if (letter === 'f') return floatOf(field, context, 4);
  return VALUES[letter]?.(context);
}

/** A width is a minimum, and a maximum as well. */
function renderPayload(field: Field, context: FormatContext): Buffer {
  const { isLeft, isZeroed, width } = field;
  const { payload } = context.packet;
  if (width === 0) return safe(payload, context);
  const cut = payload.subarray(0, width);
  const pad = Buffer.alloc(width - cut.length, isZeroed ? '0' : ' ');
  return safe(Buffer.concat(isLeft ? [cut, pad] : [pad, cut]), context);
}

function hexOf(payload: Buffer, { letter, max, separator }: Field): string {
  const digits = payload.toString('hex');
  const cased = letter === 'X' ? digits.toUpperCase() : digits;
  if (max === undefined || max === 0) return cased;
  const groups: string[] = [];
  for (let at = 0; at < cased.length; at += max) groups.push(cased.slice(at, at + max));
  return groups.join(separator === '' ? ' ' : separator);
}

function floatOf(field: Field, { onFault, packet }: FormatContext, bytes: 4 | 8): string {
  const { payload } = packet;
  if (payload.length !== bytes) {
    onFault(
      `%${field.letter} needs a payload of ${bytes} bytes, and this one has ${payload.length}`,
    );
    return '';
  }
  const value = bytes === 8 ? payload.readDoubleLE() : payload.readFloatLE();
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : infinityText(value);
  return value.toFixed(Math.min(field.max ?? DECIMALS, DECIMALS_MAX));
}

function infinityText(value: number): string {
  return value < 0 ? '-inf' : 'inf';
}

function padded(text: string, { isLeft, isZeroed, width }: Field): string {
  const missing = Math.max(0, width - [...text].length);
  if (isLeft) return text + ' '.repeat(missing);
  // Zeros go between the sign and the digits.
  if (isZeroed && text.startsWith('-')) return `-${'0'.repeat(missing)}${text.slice(1)}`;
  return (isZeroed ? '0' : ' ').repeat(missing) + text;
}

function safe(bytes: Buffer, { isTerminal }: FormatContext): Buffer {
  return isTerminal ? Buffer.from(terminalText(bytes)) : bytes;
}

function fault(format: string, at: number, remedy: string): CallerError {
  const shown = JSON.stringify(format).slice(1, -1);
  const column = JSON.stringify(format.slice(0, at)).length - 2;
  return new CallerError('usage', `-F cannot be read here:\n  ${shown}\n  ${' '.repeat(column)}^`, {
    remedy,
  });
}

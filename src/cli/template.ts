import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { Platform } from './platform.ts';

/** What a message is made from. */
export interface TemplateContext {
  /** Counts messages from 1. */
  readonly seq: number;
  /** The line of standard input, where each is a message; empty otherwise. */
  readonly line: Buffer;
  readonly client: string;
  /** As it was sent; in the topic itself, as it was given. */
  readonly topic: string;
}

type Source = Pick<Platform, 'date' | 'env' | 'randomBytes'>;
type Piece = Buffer | ((context: TemplateContext) => string | Buffer);
type Maker = (args: readonly string[], source: Source) => Piece | undefined;

const OPEN = '{{';
const ESCAPED = '{{{{';
const CLOSE = '}}';
const HEX_BYTES_MAX = 65_535;

/** By name; undefined for arguments that there cannot be. */
const MAKERS: Readonly<Record<string, Maker>> = {
  now: plain((_, source) => String(source.date().getTime())),
  iso: plain((_, source) => source.date().toISOString()),
  seq: plain(({ seq }) => String(seq)),
  line: plain(({ line }) => line),
  client: plain(({ client }) => client),
  topic: plain(({ topic }) => topic),
  uuid: plain((_, source) => uuid(source.randomBytes(16))),
  rand: ([low, high, ...more], source) => {
    const [from, to] = [wholeOf(low), wholeOf(high)];
    if (from === undefined || to === undefined || from > to || more.length > 0) return undefined;
    return () => String(from + randomBelow(to - from + 1, source));
  },
  randhex: ([digits, ...more], source) => {
    const count = wholeOf(digits);
    if (count === undefined || count < 1 || count > HEX_BYTES_MAX || more.length > 0) {
      return undefined;
    }
    return () =>
      source
        .randomBytes(Math.ceil(count / 2))
        .toString('hex')
        .slice(0, count);
  },
  env: ([name, ...more], { env }) => {
    if (name === undefined || more.length > 0) return undefined;
    return () => env[name] ?? '';
  },
};

/** Bytes with places to fill in: `{{seq}}`, `{{rand 1 6}}`; `{{{{` stands for `{{`. */
export class Template {
  readonly #pieces: readonly Piece[];

  /** @throws CallerError usage for a place that nothing is known to fill. */
  constructor(bytes: Buffer, source: Source) {
    this.#pieces = parse(bytes, source);
  }

  render(context: TemplateContext): Buffer {
    return Buffer.concat(
      this.#pieces.map((piece) => {
        const made = typeof piece === 'function' ? piece(context) : piece;
        return typeof made === 'string' ? Buffer.from(made) : made;
      }),
    );
  }
}

function parse(bytes: Buffer, source: Source): Piece[] {
  // One character a byte, so that what is no text passes unharmed.
  const text = bytes.toString('latin1');
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf(OPEN, at);
    if (open < 0) break;
    pieces.push(bytes.subarray(at, open));
    if (text.startsWith(ESCAPED, open)) {
      pieces.push(Buffer.from(OPEN));
      at = open + ESCAPED.length;
      continue;
    }
    const close = text.indexOf(CLOSE, open);
    if (close < 0) throw unknown(text.slice(open), 'it is not closed with }}');
    pieces.push(makePiece(bytes.subarray(open + OPEN.length, close).toString(), source));
    at = close + CLOSE.length;
  }
  pieces.push(bytes.subarray(at));
  return pieces;
}

function makePiece(words: string, source: Source): Piece {
  const [name = '', ...args] = words.trim().split(/\s+/);
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  const piece = maker?.(args, source);
  if (piece !== undefined) return piece;
  throw unknown(`{{${words}}}`, `there are ${Object.keys(MAKERS).join(', ')}`);
}

function unknown(shown: string, why: string): CallerError {
  return new CallerError('usage', `the template cannot fill ${JSON.stringify(shown)}`, {
    why,
    remedy: 'write {{{{ for two braces, or leave --template out',
  });
}

function plain(make: (context: TemplateContext, source: Source) => string | Buffer): Maker {
  return (args, source) => (args.length > 0 ? undefined : (context) => make(context, source));
}

function wholeOf(text: string | undefined): number | undefined {
  const value = text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Each number as likely as the others, as far as 48 bits can tell. */
function randomBelow(bound: number, source: Source): number {
  return Math.floor((source.randomBytes(6).readUIntBE(0, 6) / 2 ** 48) * bound);
}

/** A random UUID, version 4. */
function uuid(bytes: Buffer): string {
  const hex = Buffer.from(bytes);
  hex[6] = ((hex[6] ?? 0) & 0x0f) | 0x40;
  hex[8] = ((hex[8] ?? 0) & 0x3f) | 0x80;
  const digits = hex.toString('hex');
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => digits.slice(cuts[index], end))
    .join('-');
}

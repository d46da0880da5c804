import { clockTimeMs } from './clock-time.ts';

/** Who sent what stands on a line, by the mark before it: who writes the log, or its peer. */
export type LogSide = 'own' | 'peer';

/** One line of a text that may hold bytes, without what logs put before it. */
export interface TextLine {
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
  /** The time before it: since 1970, or since midnight if there is no date. */
  readonly timeMs: number | undefined;
  readonly side: LogSide | undefined;
  /** Whether it begins with a TAB. */
  readonly hasTab: boolean;
}

/** Colours and other ANSI sequences, of both kinds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for ESC itself
const ANSI = /\u001b(?:\[[\d;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
/** `I (627) MQTT: `, as the ESP-IDF logs. */
const LOG_PREFIX = /^[EWIDV] \(\d+\) [^:]{0,64}: /;
/** What makes a line a comment of a program; `*` alone repeats the row of a dump. */
const LEADER = /^\s{0,16}(?:\/\/+|#+|;+|\*(?=\s+\S))\s*/;
const BRACKETED = String.raw`\[\s{0,8}([\d:.,TZ +-]{4,40})\]`;
const ISO = String.raw`\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?`;
const CLOCK = String.raw`\d\d?:\d\d:\d\d[.,]\d{1,9}`;
const TIME = new RegExp(`^\\s{0,16}(?:${BRACKETED}|(${ISO}|${CLOCK}))(?:[:,]?\\s+|$)`);
const OWN = /^(?:>+|→|-->|C:|O:|O(?=\s)|(?:TX|SEND|SENT)\b[:>]?)\s*/;
const PEER = /^(?:<+(?![\dA-Fa-f]{1,3}>|Buffer)|←|<--|S:|I:|I(?=\s)|(?:RX|RECV)\b[:<]?)\s*/;
const COMMENT = /(?:^|\s)(?:#|\/\/|;).*$/;

/** A text as the forms take it: lines without colours, carriage returns and what logs add. */
export function textLines(text: string): TextLine[] {
  const plain = text.replace(/^\ufeff/, '').replaceAll(ANSI, '');
  return plain.split(/\r\n|\n|\r/).map((line, index) => textLine(line, index + 1));
}

/** A line without what stands behind ` #`, ` //` or ` ;`. */
export function withoutComment(line: string): string {
  return line.replace(COMMENT, '');
}

function textLine(line: string, number: number): TextLine {
  const bare = line.replace(LOG_PREFIX, '').replace(LEADER, '');
  const found = TIME.exec(bare);
  const timeMs = found === null ? undefined : clockTimeMs(found[1] ?? found[2] ?? '');
  const rest = found === null || timeMs === undefined ? bare : bare.slice(found[0].length);
  const prefixed = rest.replace(LOG_PREFIX, '');
  const marked = prefixed.trimStart();
  const side = sideOf(marked);
  const text = side === undefined ? prefixed : marked.replace(side === 'own' ? OWN : PEER, '');
  return { text, number, timeMs, side, hasTab: line.startsWith('\t') };
}

function sideOf(line: string): LogSide | undefined {
  if (OWN.test(line)) return 'own';
  return PEER.test(line) ? 'peer' : undefined;
}

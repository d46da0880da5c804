/** Matches one token, with the blank space before it. Strings are told apart by `isString`. */
const TOKEN = new RegExp(
  [
    String.raw`[ \t\n\r]*(?:([{}[\],:])`,
    String.raw`("(?:[^"\\]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")`,
    String.raw`(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.eE]))`,
    '(true|false|null)(?![a-z]))',
  ].join('|'),
  'y',
);
const END = /[ \t\n\r]*$/y;
const BLANK = /[ \t\n\r]*/y;
const CONTROL = /\p{Cc}/u;

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or end';

/** The tokens of a JSON text, as they are written. */
export interface JsonTokens {
  readonly kind: 'tokens';
  readonly tokens: readonly string[];
}

/** Not JSON: `at` is where, in characters from 0. */
export interface JsonFault {
  readonly kind: 'fault';
  readonly at: number;
}

/** Cuts a JSON text into tokens, numbers digit for digit, and says where one is none. */
export function jsonTokens(text: string): JsonTokens | JsonFault {
  const tokens: string[] = [];
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    if (expected === ', or end' && open.length === 0) {
      return matches(END, text, at) ? { kind: 'tokens', tokens } : faultAt(text, at);
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const token = match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4];
    const next: Expected | undefined =
      token === undefined ? undefined : after(token, expected, open);
    if (token === undefined || next === undefined) return faultAt(text, at);
    tokens.push(token);
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** On one line, without blank space. */
export function compactJson({ tokens }: JsonTokens): string {
  return tokens.join('');
}

const ENDS = { string: ', or end', other: ', or end' } as const;
const VALUE = { '{': 'key or }', '[': 'value or ]', ...ENDS } as const;

/** What each kind of token is followed by, where it is due. */
const NEXT: Readonly<Record<Expected, Readonly<Record<string, Expected>>>> = {
  value: VALUE,
  'value or ]': { ...VALUE, ']': ', or end' },
  'key or }': { string: ':', '}': ', or end' },
  key: { string: ':' },
  ':': { ':': 'value' },
  ', or end': { ',': 'value', '}': ', or end', ']': ', or end' },
};
const OPENED_BY: Readonly<Record<string, string>> = { '}': '{', ']': '[' };

/** What may follow a token where `expected` was due; undefined if the token was not. */
function after(token: string, expected: Expected, open: string[]): Expected | undefined {
  const next = NEXT[expected][kindOf(token)];
  if (next === undefined) return undefined;
  if (token === '{' || token === '[') open.push(token);
  if (token === ',') return open.at(-1) === '{' ? 'key' : 'value';
  const opener = OPENED_BY[token];
  return opener === undefined || open.pop() === opener ? next : undefined;
}

function kindOf(token: string): string {
  if (token.startsWith('"')) return isString(token) ? 'string' : 'none';
  return /^[{}[\],:]$/.test(token) ? token : 'other';
}

/** What stands before the blank in ASCII has to be written as an escape. */
function isString(token: string): boolean {
  if (!CONTROL.test(token)) return true;
  return [...token].every((char) => char >= ' ');
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function faultAt(text: string, at: number): JsonFault {
  BLANK.lastIndex = at;
  BLANK.exec(text);
  return { kind: 'fault', at: BLANK.lastIndex };
}

/**
 * Set out as mosquitto does it: a tab for each level of objects and behind each colon, arrays in
 * one line.
 */
export function indentJson({ tokens }: JsonTokens): string {
  let text = '';
  let previous = '';
  const open: string[] = [];
  for (const token of tokens) {
    if (token === '}' || token === ']') open.pop();
    if (previous === '{' && token !== '}') text += `\n${tabs(open)}`;
    text += shown(token, open);
    if (token === '{' || token === '[') open.push(token);
    previous = token;
  }
  return text;
}

function shown(token: string, open: readonly string[]): string {
  if (token === ':') return ':\t';
  if (token === '}') return `\n${tabs(open)}}`;
  if (token !== ',') return token;
  return open.at(-1) === '{' ? `,\n${tabs(open)}` : ', ';
}

function tabs(open: readonly string[]): string {
  return '\t'.repeat(open.length);
}

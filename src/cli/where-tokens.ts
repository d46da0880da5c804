import { CallerError } from '../base/caller-error.ts';

/** What a condition is made of. */
export type WhereToken =
  | { readonly kind: 'number'; readonly at: number; readonly value: number }
  | { readonly kind: 'text'; readonly at: number; readonly value: string }
  | { readonly kind: 'word'; readonly at: number; readonly value: string }
  | { readonly kind: 'sign'; readonly at: number; readonly value: string }
  | { readonly kind: 'end'; readonly at: number; readonly value: '' };

const SPACE = /\s+/y;
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const SIGN = /==|!=|<=|>=|[<>~().[\]]/y;

/** Cuts a condition of `--where` into its parts. @throws CallerError usage for what is none. */
export function whereTokens(source: string): readonly WhereToken[] {
  const tokens: WhereToken[] = [];
  let at = 0;
  while (at < source.length) {
    const space = match(SPACE, source, at);
    at += space.length;
    if (at >= source.length) break;
    const token = tokenAt(source, at, tokens.at(-1));
    tokens.push(token.token);
    at += token.length;
  }
  tokens.push({ kind: 'end', at: source.length, value: '' });
  return tokens;
}

function tokenAt(
  source: string,
  at: number,
  before: WhereToken | undefined,
): { readonly token: WhereToken; readonly length: number } {
  // In `.a.0` and `[0]` a point is no part of a number.
  const inPath = before?.kind === 'sign' && before.value === '.';
  const number = inPath ? '' : match(NUMBER, source, at);
  // `.5` is a number, and so is `-1`; what a path begins with is a sign.
  if (number !== '') {
    return { token: { kind: 'number', at, value: Number(number) }, length: number.length };
  }
  const text = match(TEXT, source, at);
  if (text !== '') {
    return { token: { kind: 'text', at, value: textOf(text, source, at) }, length: text.length };
  }
  const word = match(WORD, source, at);
  if (word !== '') return { token: { kind: 'word', at, value: word }, length: word.length };
  const sign = match(SIGN, source, at);
  if (sign !== '') return { token: { kind: 'sign', at, value: sign }, length: sign.length };
  const isOpen = source[at] === '"';
  throw whereError(source, at, isOpen ? 'this text has no end' : 'this means nothing here');
}

function textOf(quoted: string, source: string, at: number): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw whereError(source, at, 'this is no JSON text: a backslash is written twice');
  }
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

/** The error for what is wrong at a place of the condition, with a caret below it. */
export function whereError(source: string, at: number, what: string): CallerError {
  const shown = source.replaceAll(/\s/g, ' ');
  return new CallerError('usage', `--where, column ${at + 1}: ${what}`, {
    why: `${shown}\n       ${' '.repeat(at)}^`,
    remedy: `compare with == != < <= > >= ~ contains: --where '.temp > 30 and topic ~ "^room/"'`,
  });
}

import { isDeepStrictEqual } from 'node:util';
import type { PublishPacket } from '../codec/packet.ts';
import { findNearestName } from './nearest-name.ts';
import { userPropertyOf, WHERE_FIELDS, WhereSubject } from './where-subject.ts';
import { type WhereToken, whereError, whereTokens } from './where-tokens.ts';

/** A part of a condition, as what it says of a message. */
type Evaluate = (subject: WhereSubject) => unknown;

type Comparison = (left: unknown, right: unknown) => boolean;

/** So deep may parentheses and `not` be: more is nobody's. */
const DEPTH_MAX = 100;
const CONSTANTS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const COMPARISONS = new Map<string, Comparison>([
  ['==', (left, right) => isDeepStrictEqual(left, right)],
  ['!=', (left, right) => !isDeepStrictEqual(left, right)],
  ['<', (left, right) => orderOf(left, right) < 0],
  ['<=', (left, right) => orderOf(left, right) <= 0],
  ['>', (left, right) => orderOf(left, right) > 0],
  ['>=', (left, right) => orderOf(left, right) >= 0],
  ['contains', contains],
]);

/**
 * What `--where` asks of a message: `.temp > 30 and not topic ~ "^test/"`. `or` binds less than
 * `and`, that less than `not`, and that less than a comparison. Terms are numbers, texts, `true`,
 * `false`, `null`, the names of `WHERE_FIELDS`, `user."name"`, and paths into a JSON payload:
 * `.a.b[0]`, where `.` is all of it. What is missing is null; null and values of different types
 * have no order.
 */
export class WhereCondition {
  readonly #evaluate: Evaluate;

  /** @throws CallerError usage for what is no condition, with a caret where it is wrong. */
  constructor(source: string) {
    this.#evaluate = new Parser(source).parse();
  }

  holds(packet: PublishPacket): boolean {
    return isTrue(this.#evaluate(new WhereSubject(packet)));
  }
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly WhereToken[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = whereTokens(source);
  }

  parse(): Evaluate {
    const evaluate = this.#or();
    if (this.#token.kind !== 'end') throw this.#error('here "and", "or" or the end is expected');
    return evaluate;
  }

  get #token(): WhereToken {
    const { [this.#next]: token } = this.#tokens;
    if (token === undefined) throw this.#error('more is expected');
    return token;
  }

  /** Takes the next token if it is this word or sign. */
  #takes(value: string): boolean {
    const { kind, value: own } = this.#token;
    if ((kind !== 'word' && kind !== 'sign') || own !== value) return false;
    this.#next += 1;
    return true;
  }

  #or(): Evaluate {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    return (subject) => parts.some((part) => isTrue(part(subject)));
  }

  #and(): Evaluate {
    const parts = [this.#not()];
    while (this.#takes('and')) parts.push(this.#not());
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    return (subject) => parts.every((part) => isTrue(part(subject)));
  }

  #not(): Evaluate {
    if (!this.#takes('not')) return this.#comparison();
    const part = this.#deeper(() => this.#not());
    return (subject) => !isTrue(part(subject));
  }

  #comparison(): Evaluate {
    const left = this.#operand();
    if (this.#takes('~')) return this.#pattern(left);
    const compare = COMPARISONS.get(String(this.#token.value));
    if (compare === undefined || this.#token.kind === 'text') return left;
    this.#next += 1;
    const right = this.#operand();
    return (subject) => compare(left(subject), right(subject));
  }

  #pattern(left: Evaluate): Evaluate {
    const token = this.#token;
    if (token.kind !== 'text') throw this.#error('behind ~ a pattern in "quotes" is expected');
    try {
      const pattern = new RegExp(token.value, 'u');
      this.#next += 1;
      return (subject) => {
        const value = left(subject);
        return typeof value === 'string' && pattern.test(value);
      };
    } catch {
      throw this.#error('this is no regular expression');
    }
  }

  #operand(): Evaluate {
    if (this.#takes('(')) {
      const inner = this.#deeper(() => this.#or());
      if (!this.#takes(')')) throw this.#error('here ")" is expected');
      return inner;
    }
    const token = this.#token;
    if (token.kind === 'sign' && token.value === '.') return this.#path();
    if (token.kind === 'word') return this.#word(token.value);
    if (token.kind !== 'number' && token.kind !== 'text') throw this.#error('a value is expected');
    this.#next += 1;
    return () => token.value;
  }

  #word(word: string): Evaluate {
    const field = WHERE_FIELDS.get(word);
    if (field === undefined && !CONSTANTS.has(word) && word !== 'user') {
      const near = findNearestName(word, [...WHERE_FIELDS.keys(), 'user']);
      const hint = near === undefined ? 'text stands in "quotes"' : `did you mean ${near}?`;
      throw this.#error(`nothing is called ${word}: ${hint}`);
    }
    this.#next += 1;
    if (word === 'user') return this.#userProperty();
    if (field !== undefined) return ({ packet }) => field(packet);
    return () => CONSTANTS.get(word);
  }

  #userProperty(): Evaluate {
    if (!this.#takes('.')) throw this.#error('behind user a name is expected: user."name"');
    const { kind, value } = this.#token;
    if (kind !== 'text' && kind !== 'word') throw this.#error('here a name is expected');
    this.#next += 1;
    return ({ packet }) => userPropertyOf(packet, value);
  }

  /** `.`, `.a.b`, `."a b"[0].c` */
  #path(): Evaluate {
    const steps: (string | number)[] = [];
    while (this.#takes('.')) {
      const token = this.#token;
      if (isName(token, this.#tokens[this.#next - 1])) {
        steps.push(token.value);
        this.#next += 1;
      } else if (steps.length > 0) throw this.#error('behind "." a name is expected');
      while (this.#takes('[')) steps.push(this.#index());
    }
    return ({ json }) => steps.reduce(stepInto, json);
  }

  #index(): string | number {
    const { kind, value } = this.#token;
    const isIndex = kind === 'number' && Number.isInteger(value) && value >= 0;
    if (!isIndex && kind !== 'text') throw this.#error('here an index from 0 on is expected');
    this.#next += 1;
    if (!this.#takes(']')) throw this.#error('here "]" is expected');
    return value;
  }

  #deeper(parse: () => Evaluate): Evaluate {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#error('this is too deep');
    const evaluate = parse();
    this.#depth -= 1;
    return evaluate;
  }

  #error(what: string): Error {
    const { at } = this.#tokens[this.#next] ?? { at: this.#source.length };
    return whereError(this.#source, at, what);
  }
}

/** A name stands close behind its point: in `. == 1` and `. and qos == 1` there is none. */
function isName(
  token: WhereToken,
  point: WhereToken | undefined,
): token is Extract<WhereToken, { kind: 'word' | 'text' }> {
  return (token.kind === 'word' || token.kind === 'text') && token.at === (point?.at ?? 0) + 1;
}

function stepInto(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
  return (value as Readonly<Record<string | number, unknown>>)[step];
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}

/** Below 0, 0 or above: which comes first; NaN where they have no order. */
function orderOf(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A text has a part, or a list a value. */
function contains(left: unknown, right: unknown): boolean {
  if (typeof left === 'string') return typeof right === 'string' && left.includes(right);
  return Array.isArray(left) && left.some((value) => isDeepStrictEqual(value, right));
}

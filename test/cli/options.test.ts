import fc from 'fast-check';
import { expect, expectTypeOf, it } from 'vitest';
import type { OptionTable } from '../../src/cli/option-table.ts';
import { parsePort, parseQos } from '../../src/cli/option-values.ts';
import { parseOptions } from '../../src/cli/options.ts';

const TABLE = {
  host: { type: 'string', alias: 'h', value: 'HOST', default: 'localhost', describe: '' },
  port: { type: 'string', alias: 'p', value: 'PORT', coerce: parsePort, describe: '' },
  qos: { type: 'string', alias: 'q', value: 'N', coerce: parseQos, default: '0', describe: '' },
  topic: { type: 'string', alias: 't', value: 'TOPIC', array: true, describe: '' },
  as: { type: 'string', value: 'FORM', choices: ['hex', 'text'], describe: '' },
  'skip-retained': { type: 'boolean', describe: '' },
  'no-local': { type: 'boolean', default: false, describe: '' },
  verbose: { type: 'count', alias: 'v', describe: '' },
} as const satisfies OptionTable;

const parse = (...words: string[]) => parseOptions(TABLE, words).options;

it('gives defaults, checked like what is typed, and undefined where there is none', () => {
  expect(parse()).toEqual({
    host: 'localhost',
    port: undefined,
    qos: 0,
    topic: [],
    as: undefined,
    skipRetained: undefined,
    noLocal: false,
    verbose: 0,
  });
});

it('draws the types of options from the table', () => {
  expectTypeOf(parse()).toEqualTypeOf<{
    readonly host: string;
    readonly port: number | undefined;
    readonly qos: 0 | 1 | 2;
    readonly topic: readonly string[];
    readonly as: 'hex' | 'text' | undefined;
    readonly skipRetained: boolean | undefined;
    readonly noLocal: boolean;
    readonly verbose: number;
  }>();
});

it('lets the last of several single values win, adds lists up and counts', () => {
  expect(
    parse('-p', '1', '-t', 'a', '-v', '-p', '2', '-t', 'b', '-v', '--no-local', '--no-no-local'),
  ).toMatchObject({ port: 2, topic: ['a', 'b'], verbose: 2, noLocal: false });
});

it('checks only the value that wins', () => {
  expect(parse('-p', 'x', '-p', '2').port).toBe(2);
});

it('tells a switch that was taken back from one that was not given', () => {
  expect(parse('--no-skip-retained').skipRetained).toBe(false);
  expect(parse('--skip-retained').skipRetained).toBe(true);
});

const TEXTS = ['007', '1e3', '0x10', 'true', 'false', '', '-1', '--', '"a"', "'", 'a.b=c'];

it.each([...TEXTS, '__proto__'])('keeps %j as it is, once and in a list', (text) => {
  expect(parse('--host', text, '-t', text)).toMatchObject({ host: text, topic: [text] });
  expect(parse(`--host=${text}`, `--topic=${text}`)).toMatchObject({ host: text, topic: [text] });
});

it('keeps any text as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (host, topic) => {
      const words = topic.flatMap((text) => ['-t', text]);
      expect(parse('-h', host, ...words)).toMatchObject({ host, topic });
    }),
  );
});

it('returns positionals apart', () => {
  expect(parseOptions(TABLE, ['007', '-v', 'true', '--', '--host']).positionals).toEqual([
    '007',
    'true',
    '--host',
  ]);
});

it('refuses what its check refuses, and what is none of the choices', () => {
  expect(() => parse('-p', '70000')).toThrow(
    expect.objectContaining({ kind: 'usage', message: '--port cannot be "70000"' }),
  );
  expect(() => parse('--as', 'oct')).toThrow(
    expect.objectContaining({ kind: 'usage', remedy: 'choose one of: hex, text' }),
  );
});

import parser from 'yargs-parser';
import { assert } from '../base/assert.ts';
import { CallerError } from '../base/caller-error.ts';
import { type CommandWords, type OptionWord, readWords } from './command-words.ts';
import {
  camelCase,
  type OptionsOf,
  type OptionTable,
  type ValueDeclaration,
} from './option-table.ts';

export interface ParsedWords<T extends OptionTable> {
  readonly options: OptionsOf<T>;
  readonly positionals: readonly string[];
}

/** Options are texts that `coerce` alone interprets; all spellings are `readWords`' affair. */
const CONFIGURATION: Partial<parser.Configuration> = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
  'short-option-groups': false,
};

/**
 * Reads the words of a command by its table. Words that stand first yield to later ones, so a
 * source of lesser rank (environment, file) is put before what was typed.
 * @throws CallerError of kind usage, for an unknown option or a wrong value
 */
export function parseOptions<const T extends OptionTable>(
  table: T,
  words: readonly string[],
): ParsedWords<T> {
  return checkOptions(table, readWords(table, words));
}

/** The second half of `parseOptions`: words that are told apart become checked values. */
export function checkOptions<const T extends OptionTable>(
  table: T,
  { options: given, positionals }: CommandWords,
): ParsedWords<T> {
  const { argv, error } = parser.detailed(
    given.flatMap((word) => spell(table, word)),
    parserOptions(table),
  );
  if (error !== null && error !== undefined) throw error;
  const options: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(table)) {
    const isAbsentList = declaration.type === 'string' && declaration.array && !(name in argv);
    options[camelCase(name)] = isAbsentList ? [] : argv[name];
  }
  return { options: options as OptionsOf<T>, positionals };
}

/** In the one spelling that yargs-parser takes literally. */
function spell(table: OptionTable, { name, text }: OptionWord): string[] {
  if (text === undefined) return [`--${name}`];
  return table[name]?.type === 'string' ? [`--${name}`, text] : [`--${name}=${text}`];
}

/** The table as yargs-parser wants it: by property, not by option. */
function parserOptions(table: OptionTable): parser.Options {
  const options = {
    configuration: CONFIGURATION,
    boolean: [] as string[],
    count: [] as string[],
    string: [] as string[],
    narg: {} as Record<string, number>,
    coerce: {} as Record<string, (given: unknown) => unknown>,
    default: {} as Record<string, unknown>,
  };
  for (const [name, declaration] of Object.entries(table)) {
    options[declaration.type].push(name);
    if (declaration.type !== 'count' && declaration.default !== undefined) {
      options.default[name] = declaration.default;
    }
    if (declaration.type !== 'string') continue;
    options.narg[name] = 1;
    options.coerce[name] = (given) => checkValue(`--${name}`, declaration, given);
  }
  return options;
}

/** `given` is one text, or an array of them where the option stood more than once. */
function checkValue(option: string, declaration: ValueDeclaration, given: unknown): unknown {
  const texts: readonly unknown[] = Array.isArray(given) ? given : [given];
  const values = (declaration.array ? texts : texts.slice(-1)).map((text) => {
    assert(typeof text === 'string', 'values are not interpreted before coerce');
    return checkText(option, declaration, text);
  });
  return declaration.array ? values : values[0];
}

function checkText(option: string, { choices, coerce }: ValueDeclaration, text: string): unknown {
  if (choices !== undefined && !choices.includes(text)) {
    const remedy = `choose one of: ${choices.join(', ')}`;
    throw new CallerError('usage', `${option} cannot be "${text}"`, { remedy });
  }
  return coerce === undefined ? text : coerce(text, option);
}

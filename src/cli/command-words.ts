import { CallerError } from '../base/caller-error.ts';
import { findNearestName } from './nearest-name.ts';
import type { OptionDeclaration, OptionTable, ValueDeclaration } from './option-table.ts';

/** The words of a command line, told apart. */
export interface CommandWords {
  readonly options: readonly OptionWord[];
  readonly positionals: readonly string[];
}

/** One option as it was given. */
export interface OptionWord {
  /** One of the table's. */
  readonly name: string;
  /** The value; of a switch, `false` if it is taken back and undefined if it is set. */
  readonly text: string | undefined;
}

/**
 * Tells options, their values and positionals apart, by the grammar of mqttk, which is stricter
 * than yargs': an option takes the next word whatever it looks like, short options are not
 * bundled, no name is guessed. `--` ends options; `-` alone is a positional.
 * @throws CallerError of kind usage: an unknown option, a missing or superfluous value
 */
export function readWords(table: OptionTable, words: readonly string[]): CommandWords {
  const options: OptionWord[] = [];
  const positionals: string[] = [];
  let i = 0;
  while (i < words.length) {
    const word = words[i] ?? '';
    i += 1;
    if (word === '--') {
      positionals.push(...words.slice(i));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      positionals.push(word);
      continue;
    }
    const found = word.startsWith('--') ? readLong(table, word) : readShort(table, word);
    const following = words.slice(i);
    i += pushOption(found, following, options);
  }
  return { options, positionals };
}

interface FoundOption {
  readonly name: string;
  readonly declaration: OptionDeclaration;
  /** As it was typed, for messages: `-p`. */
  readonly typed: string;
  readonly isNegated: boolean;
  /** What followed a `=`. */
  readonly attached: string | undefined;
}

/** Adds one option; returns how many of the following words it took. */
function pushOption(
  found: FoundOption,
  following: readonly string[],
  options: OptionWord[],
): number {
  const { name, declaration, typed, isNegated, attached } = found;
  if (declaration.type !== 'string') {
    if (attached !== undefined) {
      const remedy = `write ${typed} to switch it on, or --no-${name} to switch it off`;
      throw new CallerError('usage', `option ${typed} takes no value`, { remedy });
    }
    options.push({ name, text: isNegated ? 'false' : undefined });
    return 0;
  }
  if (attached !== undefined || declaration.bare !== undefined) {
    options.push({ name, text: attached ?? declaration.bare });
    return 0;
  }
  const count = declaration.nargs?.(following) ?? 1;
  if (following.length < count) throw missingValue(typed, declaration);
  options.push({ name, text: following.slice(0, count).join('\0') });
  return count;
}

function readLong(table: OptionTable, word: string): FoundOption {
  const equalSign = word.indexOf('=');
  const typed = equalSign < 0 ? word : word.slice(0, equalSign);
  const attached = equalSign < 0 ? undefined : word.slice(equalSign + 1);
  const name = typed.slice(2);
  const declaration = findOption(table, name);
  if (declaration !== undefined) return { name, declaration, typed, isNegated: false, attached };
  const negated = name.startsWith('no-') ? name.slice(3) : '';
  const denied = findOption(table, negated);
  if (denied?.type !== 'boolean') throw unknownLong(table, typed);
  return { name: negated, declaration: denied, typed, isNegated: true, attached };
}

function readShort(table: OptionTable, typed: string): FoundOption {
  const entry = findShort(table, typed.slice(1));
  if (entry === undefined) throw unknownShort(table, typed);
  const [name, declaration] = entry;
  return { name, declaration, typed, isNegated: false, attached: undefined };
}

/** Own keys alone: `--constructor` is no option. */
function findOption(table: OptionTable, name: string): OptionDeclaration | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function findShort(table: OptionTable, letter: string): [string, OptionDeclaration] | undefined {
  return Object.entries(table).find(([, { alias }]) => alias === letter);
}

function missingValue(typed: string, { value }: ValueDeclaration): CallerError {
  return new CallerError('usage', `option ${typed} needs a value`, {
    remedy: `write "${typed} ${value}"`,
  });
}

function unknownLong(table: OptionTable, typed: string): CallerError {
  const nearest = findNearestName(typed.slice(2), longNames(table));
  return unknownOption(typed, nearest === undefined ? undefined : `did you mean --${nearest}?`);
}

/** More than one letter after one dash is the habit of another program: shows how it is here. */
function unknownShort(table: OptionTable, typed: string): CallerError {
  const letters = typed.slice(1);
  const [first = ''] = letters;
  if (longNames(table).includes(letters)) return unknownOption(typed, `did you mean --${letters}?`);
  const [, declaration] = findShort(table, first) ?? [];
  if (declaration === undefined) return unknownOption(typed, undefined);
  const apart =
    declaration.type === 'string'
      ? `-${first} ${letters.slice(1).replace(/^=/, '')}`
      : Array.from(letters, (letter) => `-${letter}`).join(' ');
  return unknownOption(typed, `write "${apart}"`);
}

function unknownOption(typed: string, remedy: string | undefined): CallerError {
  return new CallerError('usage', `unknown option ${typed}`, {
    remedy: remedy ?? '--help lists the options; "--" goes before a word that begins with "-"',
  });
}

function longNames(table: OptionTable): string[] {
  return Object.entries(table).flatMap(([name, { type }]) =>
    type === 'boolean' ? [name, `no-${name}`] : [name],
  );
}

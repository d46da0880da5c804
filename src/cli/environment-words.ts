import { CallerError } from '../base/caller-error.ts';
import type { OptionWord } from './command-words.ts';
import type { OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';

/** Options of which a source of higher rank puts all of the others out of force. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['pw', 'password-file', 'ask-password'],
  ['id', 'id-prefix'],
];
const NAMES_OF_THEIR_OWN: ReadonlyMap<string, string> = new Map([['pw', 'MQTTK_PASSWORD']]);

/** The variable that an option is read from: `MQTTK_TLS_ALPN` for `--tls-alpn`. */
export function variableOf(option: string): string {
  const own = NAMES_OF_THEIR_OWN.get(option);
  return own ?? `MQTTK_${option.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * What the environment says by way of these options: switches by `1` and `0`, options that may be
 * repeated one value to a line.
 *
 * @throws CallerError usage for a switch that is neither.
 */
export function environmentWords(
  table: OptionTable,
  names: readonly string[],
  env: Platform['env'],
): OptionWord[] {
  return names.flatMap((name): OptionWord[] => {
    const variable = variableOf(name);
    const text = env[variable];
    const declaration = table[name];
    if (text === undefined || declaration === undefined) return [];
    if (declaration.type === 'string') {
      const texts = declaration.array ? text.split('\n').filter((line) => line !== '') : [text];
      return texts.map((each) => ({ name, text: each }));
    }
    if (text === '1') return [{ name, text: undefined }];
    if (text === '0') return declaration.type === 'boolean' ? [{ name, text: 'false' }] : [];
    throw new CallerError('usage', `${variable} cannot be ${JSON.stringify(text)}`, {
      remedy: 'give 1 or 0',
    });
  });
}

/** Words of two ranks as one: what stands later wins, and options that exclude each other too. */
export function rankWords(
  lower: readonly OptionWord[],
  upper: readonly OptionWord[],
): readonly OptionWord[] {
  const given = new Set(upper.map(({ name }) => name));
  const beaten = new Set(EXCLUSIVE.filter((group) => group.some((name) => given.has(name))).flat());
  return [...lower.filter(({ name }) => !beaten.has(name)), ...upper];
}

/**
 * The options of one command, declared once in yargs' shape: by long name, without `--`. The
 * parser, `--help` and the README's tables are drawn from it.
 */
export type OptionTable = Readonly<Record<string, OptionDeclaration>>;
export type OptionDeclaration = SwitchDeclaration | CountDeclaration | ValueDeclaration;

interface AnyDeclaration {
  /** One character: `p` for `-p`. */
  readonly alias?: string;
  readonly describe: string;
  /** The heading in `--help` under which it stands; `Options` otherwise. */
  readonly group?: string;
  /** Known, but not shown. */
  readonly hidden?: true;
}

/** `--retain`, `--no-retain`. Undefined if it is not given and has no default. */
interface SwitchDeclaration extends AnyDeclaration {
  readonly type: 'boolean';
  readonly default?: boolean;
}

/** `-v -v`: how often it was given. */
interface CountDeclaration extends AnyDeclaration {
  readonly type: 'count';
}

/** `--port 1883`: takes the next word, whatever that looks like. */
export interface ValueDeclaration extends AnyDeclaration {
  readonly type: 'string';
  /** What stands for the value in `--help`: `PORT`. */
  readonly value: string;
  /** Repeating it adds up, to an array that is empty when it is not given. Else the last wins. */
  readonly array?: true;
  readonly choices?: readonly string[];
  /** As it would be typed; it goes through `coerce` like a typed one. Not for arrays. */
  readonly default?: string;
  /** What `--help` says instead of `default`, or where the command itself finds the default. */
  readonly defaultDescription?: string;
  /**
   * Checks one text and turns it into its value. `option` is its name for messages: `--port`.
   * @throws CallerError of kind usage
   */
  readonly coerce?: (text: string, option: string) => unknown;
  /** What it means without a value; a value is then given as `--name=value` alone. */
  readonly bare?: string;
  /**
   * How many of the words that follow are its value, where that is not one; they reach `coerce`
   * as one text, joined by NUL, which no word of a command line can hold.
   */
  readonly nargs?: (following: readonly string[]) => number;
}

/** What a command gets: the table's long names in camel case, with checked values. */
export type OptionsOf<T extends OptionTable> = {
  readonly [Name in keyof T & string as CamelCase<Name>]: ValueOf<T[Name]>;
};

type ValueOf<D> = D extends { readonly type: 'count' }
  ? number
  : D extends { readonly type: 'boolean' }
    ? WithDefault<D, boolean>
    : D extends { readonly array: true }
      ? readonly OneValueOf<D>[]
      : WithDefault<D, OneValueOf<D>>;

type WithDefault<D, V> = D extends { readonly default: string | boolean } ? V : V | undefined;

type OneValueOf<D> = D extends { readonly coerce: (text: string, option: string) => infer V }
  ? V
  : D extends { readonly choices: readonly (infer C)[] }
    ? C
    : string;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** `connect-timeout` as a command reads it: `connectTimeout`. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

import type { ExitCode } from './exit-codes.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';

/** A command line that works as it stands, and what it does. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

/** One command of mqttk. */
export interface Command<T extends OptionTable = OptionTable> {
  /** What may stand beside options, as in `[URL] [TOPIC [PAYLOAD]]`, and how many words at most. */
  readonly positionals: { readonly usage: string; readonly max: number };
  readonly options: T;
  /** Those of its options that the environment can set, too: `MQTTK_HOST` for `--host`. */
  readonly variables?: readonly string[];
  readonly examples: readonly Example[];
  /** Without any word there is nothing to do: the usage is shown, exit 2. */
  readonly needsWords?: true;
  /** The command itself, free of spelling and of the process. */
  run(options: OptionsOf<T>, positionals: readonly string[], platform: Platform): Promise<ExitCode>;
}

/** One row of the registry: known without loading the command's module. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Lets the type of a command's options be drawn from its table. */
export function defineCommand<const T extends OptionTable>(command: Command<T>): Command<T> {
  return command;
}

import { CallerError } from '../base/caller-error.ts';
import type { Command, CommandEntry } from './command.ts';
import { type CommandWords, type OptionWord, readWords } from './command-words.ts';
import { COMMANDS } from './commands.ts';
import { environmentWords, rankWords } from './environment-words.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import { findNearestName } from './nearest-name.ts';
import type { OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';
import { VERSION } from './version.ts';

/** Every command has these. `-h` is the host in `pub` and `sub`, so help has no letter. */
const COMMON_OPTIONS = {
  help: { type: 'boolean', describe: 'show this text', group: 'Help' },
  version: { type: 'boolean', describe: 'show the version', group: 'Help' },
} as const satisfies OptionTable;

/**
 * Runs `mqttk` with these words. Never rejects: here, and only here, errors become messages and
 * exit codes.
 */
export async function runProgram(
  words: readonly string[],
  platform: Platform,
  commands: ReadonlyMap<string, CommandEntry> = COMMANDS,
): Promise<void> {
  const [word = ''] = words;
  const speaker = commands.has(word) ? `mqttk ${word}` : 'mqttk';
  const explain = (error: unknown) => explainError(error, speaker, platform);
  const ended = new Promise<ExitCode>((resolve) => {
    platform.onFault((error) => resolve(explain(error)));
    platform.onOutputEnd((error) => resolve(error === undefined ? EXITS.ok.code : explain(error)));
  });
  const done = runWords(words, platform, commands).catch(explain);
  platform.exit(await Promise.race([done, ended]));
}

async function runWords(
  words: readonly string[],
  platform: Platform,
  commands: ReadonlyMap<string, CommandEntry>,
): Promise<ExitCode> {
  const [word, ...rest] = words[0] === 'help' ? helpWords(words, commands) : words;
  const entry = word === undefined ? undefined : commands.get(word);
  if (word === undefined || entry === undefined) return runBare(word, platform, commands);
  return runCommand(word, rest, entry, platform);
}

/** What `mqttk help` and `mqttk help pub` stand for. */
function helpWords(
  [, name]: readonly string[],
  commands: ReadonlyMap<string, CommandEntry>,
): readonly string[] {
  if (name === undefined || name === 'help') return ['--help'];
  return commands.has(name) ? [name, '--help'] : [name];
}

/** `mqttk` without a command. */
async function runBare(
  word: string | undefined,
  platform: Platform,
  commands: ReadonlyMap<string, CommandEntry>,
): Promise<ExitCode> {
  if (word === '--version') return printVersion(platform);
  if (word === '--help' || word === undefined) {
    const { renderProgramHelp } = await import('./help.ts');
    return showHelp(renderProgramHelp(commands), word, platform);
  }
  const isOption = word.startsWith('-');
  const nearest = isOption ? undefined : findNearestName(word, commands.keys());
  throw new CallerError('usage', `unknown ${isOption ? 'option' : 'command'} ${word}`, {
    remedy:
      nearest === undefined ? '"mqttk --help" lists the commands' : `did you mean ${nearest}?`,
  });
}

async function runCommand(
  name: string,
  words: readonly string[],
  entry: CommandEntry,
  platform: Platform,
): Promise<ExitCode> {
  const command = await entry.load();
  const table: OptionTable = { ...command.options, ...COMMON_OPTIONS };
  const told = readWords(table, words);
  // Asked for help, nobody wants to hear first that a value is wrong.
  const isHelpWanted = told.options.some(({ name }) => name === 'help');
  if (isHelpWanted || (command.needsWords && words.length === 0)) {
    const { renderCommandHelp } = await import('./help.ts');
    const shown: Command = { ...command, options: table };
    const help = await renderCommandHelp(name, entry.summary, shown, platform.columns);
    return showHelp(help, isHelpWanted ? '--help' : undefined, platform);
  }
  const { checkOptions } = await import('./options.ts');
  const said = { ...told, options: ranked(command, told, platform) };
  const { options, positionals } = checkOptions(table, said);
  const { version } = options;
  if (version === true) return printVersion(platform);
  const superfluous = positionals[command.positionals.max];
  if (superfluous !== undefined) {
    const form = `mqttk ${name} [options] ${command.positionals.usage}`.trimEnd();
    const remedy = `the form is "${form}"`;
    throw new CallerError('usage', `one word too many: "${superfluous}"`, { remedy });
  }
  return command.run(options, positionals, platform);
}

/** What was typed beats what the environment says. */
function ranked(
  { options: table, variables = [] }: Command,
  told: CommandWords,
  { env }: Platform,
): readonly OptionWord[] {
  return rankWords(environmentWords(table, variables, env), told.options);
}

/** Help that was asked for is the answer; unasked, it says that the words did not suffice. */
function showHelp(help: string, word: string | undefined, platform: Platform): ExitCode {
  if (word === undefined) {
    platform.warn(help);
    return EXITS.usage.code;
  }
  platform.print(`${help}\n`);
  return EXITS.ok.code;
}

function printVersion(platform: Platform): ExitCode {
  platform.print(`mqttk ${VERSION} (${platform.runtime})\n`);
  return EXITS.ok.code;
}

import type { Options } from 'yargs';
import type { Command, CommandEntry, Example } from './command.ts';
import type { OptionDeclaration, OptionTable } from './option-table.ts';

/** As wide as a page that is read in lines. */
const COLUMNS_MAX = 100;

/** What `mqttk --help` says. */
export function renderProgramHelp(commands: ReadonlyMap<string, CommandEntry>): string {
  const width = Math.max(0, ...Array.from(commands.keys(), (name) => name.length));
  const rows = Array.from(
    commands,
    ([name, { summary }]) => `  mqttk ${name.padEnd(width)}  ${summary}`,
  );
  return [
    'mqttk COMMAND [options]',
    '',
    'Commands:',
    ...rows,
    '',
    '"mqttk COMMAND --help" explains a command; "mqttk --version" names this version.',
  ].join('\n');
}

/**
 * What `mqttk NAME --help` says: usage, examples, then the options by group. Loads yargs, which
 * takes longer than many a command: so only here.
 */
export async function renderCommandHelp(
  name: string,
  summary: string,
  command: Command,
  columns: number | undefined,
): Promise<string> {
  const { default: yargs } = await import('yargs');
  const usage = [`mqttk ${name}`, '[options]', command.positionals.usage].join(' ').trimEnd();
  const head = [usage, '', summary, '', 'Examples:', ...exampleRows(command.examples)].join('\n');
  // First switched off, or yargs takes our --help and --version for its own.
  const options = await yargs([])
    .help(false)
    .version(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false })
    .locale('en')
    .options(yargsOptions(command.options))
    .wrap(Math.min(columns ?? COLUMNS_MAX, COLUMNS_MAX))
    .getHelp();
  return `${head}\n\n${options.trim()}`;
}

function exampleRows(examples: readonly Example[]): string[] {
  return examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]);
}

/**
 * yargs only writes here, it does not parse. So the name of what an option takes can be part of
 * the name it shows, `--port PORT`, and no type is needed beside it.
 */
function yargsOptions(table: OptionTable): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const [name, declaration] of Object.entries(table)) {
    options[shownName(name, declaration)] = yargsOption(declaration);
  }
  return options;
}

function shownName(name: string, declaration: OptionDeclaration): string {
  if (declaration.type !== 'string') return name;
  const { value, bare } = declaration;
  return bare === undefined ? `${name} ${value}` : `${name}[=${value}]`;
}

function yargsOption(declaration: OptionDeclaration): Options {
  const option: Options = {
    describe: declaration.describe,
    group: `${declaration.group ?? 'Options'}:`,
  };
  if (declaration.alias !== undefined) option.alias = declaration.alias;
  if (declaration.hidden) option.hidden = true;
  if (declaration.type !== 'string') return option;
  if (declaration.choices !== undefined) option.choices = declaration.choices;
  const shownDefault = declaration.defaultDescription ?? declaration.default;
  if (shownDefault !== undefined) option.defaultDescription = shownDefault;
  return option;
}

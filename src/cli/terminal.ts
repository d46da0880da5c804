import process from 'node:process';
import { Chalk, type ChalkInstance } from 'chalk';
import type { ThemeRole } from '../inspect/theme.ts';
import type { OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';

/** The option that decides about colours, for a command's table. */
export const COLOR_OPTION = {
  color: {
    type: 'string',
    value: 'WHEN',
    choices: ['always', 'never', 'auto'],
    default: 'auto',
    describe: 'colours: auto asks NO_COLOR, FORCE_COLOR and whether it is a terminal',
  },
} as const satisfies OptionTable;

export type ColorChoice = (typeof COLOR_OPTION.color.choices)[number];

/** What only lines about the run itself have, beside what explained bytes have. */
type MessageRole = 'ok' | 'warn' | 'error';

/** What a colour can stand for. It never says anything that the text does not say, too. */
const STYLES = {
  type: (chalk: ChalkInstance) => chalk.bold.cyan,
  length: (chalk) => chalk.gray,
  id: (chalk) => chalk.magenta,
  text: (chalk) => chalk.green,
  property: (chalk) => chalk.blue,
  payload: (chalk) => chalk.yellow,
  hidden: (chalk) => chalk.gray.italic,
  malformed: (chalk) => chalk.bold.red,
  protocol: (chalk) => chalk.red,
  odd: (chalk) => chalk.yellow,
  ok: (chalk) => chalk.green,
  warn: (chalk) => chalk.yellow,
  error: (chalk) => chalk.bold.red,
  dim: (chalk) => chalk.dim,
} as const satisfies Record<ThemeRole | MessageRole, (chalk: ChalkInstance) => ChalkInstance>;

/** Dresses a text by what it is; a plain theme returns it as it is. */
export type Theme = Readonly<Record<ThemeRole | MessageRole, (text: string) => string>>;

const COLOURED = themeOf(new Chalk({ level: 1 }));
const PLAIN = themeOf(new Chalk({ level: 0 }));

/** A spinner that comes sooner flickers where all goes well. */
const SPINNER_DELAY_MS = 1000;

/** The colours for one of the process's streams, by option, environment and terminal. */
export function chooseTheme(
  stream: 'stdout' | 'stderr',
  choice: ColorChoice,
  platform: Platform,
): Theme {
  return isColoured(stream, choice, platform) ? COLOURED : PLAIN;
}

/** The first of these that says something decides. */
function isColoured(
  stream: 'stdout' | 'stderr',
  choice: ColorChoice,
  { env, isTerminal }: Platform,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (isSet(env, 'NO_COLOR')) return false;
  for (const name of ['FORCE_COLOR', 'CLICOLOR_FORCE']) {
    if (isSet(env, name) && env[name] !== '0') return true;
  }
  const { TERM } = env;
  return TERM !== 'dumb' && isTerminal[stream];
}

function isSet(env: Platform['env'], name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}

function themeOf(chalk: ChalkInstance): Theme {
  const entries = Object.entries(STYLES).map(([name, style]) => {
    const dress = style(chalk);
    return [name, (text: string) => dress(text)] as const;
  });
  return Object.fromEntries(entries) as Theme;
}

/** Something turns on standard error until `stop`. */
export interface Spinner {
  /** Shows another text from now on. */
  say(text: string): void;
  /** Clears it, so that nothing of it is left. */
  stop(): void;
}

/**
 * Shows on standard error, if that is a terminal, that something takes long: from one second on,
 * until it is stopped or the process ends. Lines that are written meanwhile come out whole, above
 * it.
 */
export function startSpinner(
  text: string,
  platform: Platform,
  stream: NodeJS.WriteStream = process.stderr,
): Spinner {
  const { TERM } = platform.env;
  // Some pseudo-terminals are 0 wide, where ora would clear lines for ever.
  const isAble = platform.isTerminal.stderr && TERM !== 'dumb' && stream.columns > 0;
  if (!isAble) return { say() {}, stop() {} };
  let isStopped = false;
  let shown = text;
  let spinner: { text: string; stop(): unknown } | undefined;
  const clear = () => void spinner?.stop();
  const show = async () => {
    const { default: ora } = await import('ora');
    if (isStopped) return;
    // Standard input is the command's own, and a hidden cursor would outlive a killed process.
    const own = { discardStdin: false, hideCursor: false, color: false, isEnabled: true } as const;
    spinner = ora({ text: shown, stream, ...own }).start();
    process.once('exit', clear);
  };
  const cancel = platform.setAlarm(platform.nowMs() + SPINNER_DELAY_MS, () => void show());
  return {
    say(later) {
      shown = later;
      if (spinner !== undefined) spinner.text = later;
    },
    stop() {
      if (isStopped) return;
      isStopped = true;
      cancel();
      clear();
      process.off('exit', clear);
    },
  };
}

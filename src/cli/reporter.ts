import type { CallerError } from '../base/caller-error.ts';
import { REASONS } from '../codec/reason-code.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import type { Cancel, Platform } from './platform.ts';
import { startSpinner } from './terminal.ts';

/** How a command tells what goes wrong while it runs. */
export interface Reporter {
  /** Tells a person, or a program, and returns the exit code that goes with it. */
  report(error: CallerError): ExitCode;
  /** One line that is no error. */
  note(line: string): void;
  /** Shows, where somebody watches, that something takes long; returns what ends it. */
  spin(text: string): Cancel;
}

/** Chooses how to tell: `json` for programs, `quiet` for nobody. */
export function chooseReporter(
  how: 'text' | 'json' | 'quiet',
  speaker: string,
  platform: Platform,
): Reporter {
  if (how === 'quiet') return { report: exitCodeOf, note: () => {}, spin: () => () => {} };
  return {
    report: (error) => {
      if (how === 'text') return explainError(error, speaker, platform);
      platform.warn(errorLine(error));
      return exitCodeOf(error);
    },
    note: (line) => platform.warn(line),
    spin: (text) => {
      const spinner = startSpinner(text, platform);
      return () => spinner.stop();
    },
  };
}

/** One error as one line of JSON. */
function errorLine(error: CallerError): string {
  return JSON.stringify({
    v: 1,
    type: 'error',
    code: exitCodeOf(error),
    name: nameOf(error),
    what: error.message,
    why: error.why,
    try: error.remedy,
    reason_string: error.reasonString,
  });
}

/** The standard's name of a reason code, or the kind of an error that has none. */
function nameOf({ kind, reasonCode }: CallerError): string {
  const row = Object.values(REASONS).find(({ code }) => code === reasonCode);
  return row?.title ?? kind;
}

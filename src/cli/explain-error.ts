import { CallerError } from '../base/caller-error.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import type { Platform } from './platform.ts';
import { VERSION } from './version.ts';

/**
 * Tells a person what was thrown: for a `CallerError` what happened, why and what to do; for
 * anything else, which is our bug, the stack and a request to report it. `speaker` is who says
 * so: `mqttk pub`. Returns the exit code that goes with it.
 */
export function explainError(error: unknown, speaker: string, platform: Platform): ExitCode {
  if (!(error instanceof CallerError)) {
    platform.warn(stackOf(error));
    platform.warn(`${speaker}: internal error, a bug in mqttk ${VERSION}`);
    platform.warn(`  try: report it with the lines above, the command and "${platform.runtime}"`);
    return exitCodeOf(error);
  }
  const { MQTTK_DEBUG } = platform.env;
  if (MQTTK_DEBUG === '1') platform.warn(stackOf(error));
  platform.warn(`${speaker}: ${error.message}`);
  if (error.why !== undefined) platform.warn(`  why: ${error.why}`);
  if (error.remedy !== undefined) platform.warn(`  try: ${error.remedy}`);
  return exitCodeOf(error);
}

/** With the stacks of what caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`;
}

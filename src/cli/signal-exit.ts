import type { ExitCode } from './exit-codes.ts';
import type { Signal } from './platform.ts';

const NUMBERS: Readonly<Record<Signal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** What a shell shows for a process that a signal has ended: 130 for SIGINT, 143 for SIGTERM. */
export function signalExitCode(signal: Signal): ExitCode {
  return 128 + NUMBERS[signal];
}

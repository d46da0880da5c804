import { expect, it } from 'vitest';
import { signalExitCode } from '../../src/cli/signal-exit.ts';

it.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('shows %s as %i, as a shell does', (signal, code) => {
  expect(signalExitCode(signal)).toBe(code);
});

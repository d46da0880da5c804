import { expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { RECONNECT_OPTIONS, reconnectPolicy } from '../../src/cli/reconnect-options.ts';

function policy(isLong: boolean, ...words: readonly string[]) {
  return reconnectPolicy(parseOptions(RECONNECT_OPTIONS, words).options, isLong);
}

it('comes back in long runs unasked, and in others if it is asked to', () => {
  expect(policy(true).reconnects).toBe(true);
  expect(policy(true, '--no-reconnect').reconnects).toBe(false);
  expect(policy(false).reconnects).toBe(false);
  expect(policy(false, '--reconnect').reconnects).toBe(true);
});

it('waits for the first connection if it is asked to, and has a limit', () => {
  expect(policy(true)).toMatchObject({ waitsForServer: false, attemptsMax: Infinity });
  const words = ['--wait-for-broker', '--reconnect-max', '3'];
  expect(policy(true, ...words)).toMatchObject({ waitsForServer: true, attemptsMax: 3 });
});

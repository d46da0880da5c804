import { expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

it('opens no address that others can reach unless that is said', async () => {
  const platform = new RecordedPlatform();
  await runProgram(['broker', '--host', '0.0.0.0', '-p', '0'], platform);
  expect(platform.exitCode).toBe(2);
  expect(platform.err).toContain('--allow-anonymous');
});

it('starts nothing with a drain that outlasts the shutdown', async () => {
  const platform = new RecordedPlatform();
  await runProgram(['broker', '-p', '0', '--drain', '10s'], platform);
  expect(platform.exitCode).toBe(2);
  expect(platform.err).toContain('--drain 10s does not end before --shutdown-timeout');
  expect(platform.err).toContain('try: add --shutdown-timeout 20s');
});

import { expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { GREET_ENTRY } from '../support/greet-command.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function transcript(words: string[], columns: number): Promise<string> {
  const platform = new RecordedPlatform({ columns });
  const commands = new Map([
    ['greet', GREET_ENTRY],
    ['no', { ...GREET_ENTRY, summary: 'Refuse somebody' }],
  ]);
  await runProgram(words, platform, commands);
  return platform.transcript;
}

it('lists the commands', async () => {
  const said = await transcript(['--help'], 80);
  await expect(said).toMatchFileSnapshot('golden/help-program.txt');
});

it('shows usage and examples of a command before its options, by group', async () => {
  const said = await transcript(['greet', '--help'], 80);
  await expect(said).toMatchFileSnapshot('golden/help-command.txt');
});

it('wraps to the terminal, and to 100 columns at most', async () => {
  const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
  expect(widest(await transcript(['greet', '--help'], 60))).toBeLessThanOrEqual(64);
  const wide = widest(await transcript(['greet', '--help'], 300));
  expect(wide).toBeGreaterThan(90);
  expect(wide).toBeLessThanOrEqual(104);
});

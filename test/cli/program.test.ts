import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { type CommandEntry, defineCommand } from '../../src/cli/command.ts';
import { runProgram } from '../../src/cli/program.ts';
import { GREET_ENTRY } from '../support/greet-command.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const COMMANDS = new Map([['greet', GREET_ENTRY]]);

async function run(...words: string[]): Promise<RecordedPlatform> {
  const platform = new RecordedPlatform();
  await runProgram(words, platform, COMMANDS);
  return platform;
}

/** A registry with `wait`, which never ends by itself. */
function waiting(start: (platform: RecordedPlatform) => void): Map<string, CommandEntry> {
  const command = defineCommand({
    positionals: { usage: '', max: 0 },
    options: {},
    examples: [],
    run(_options, _positionals, platform) {
      start(platform as RecordedPlatform);
      return new Promise(() => {});
    },
  });
  return new Map([['wait', { summary: 'Wait', load: async () => command }]]);
}

it('runs the command of the first word with checked options', async () => {
  const { out, err, exitCode } = await run('greet', '-n', '2', '--as-word=bye', 'Ada', '-l');
  expect({ out, err, exitCode }).toEqual({ out: 'BYE ADA\nBYE ADA\n', err: '', exitCode: 0 });
});

it.each([
  [[], 2],
  [['--help'], 0],
  [['greet'], 2],
  [['greet', '--help', '-n', 'x'], 0],
])('shows help for %j: on stderr, exit 2, where it was not asked for', async (words, code) => {
  const { out, err, exitCode } = await run(...words);
  expect(exitCode).toBe(code);
  expect(code === 0 ? err : out).toBe('');
  expect(code === 0 ? out : err).toMatch(/^mqttk .*\n\n/);
});

it('takes the word help for --help', async () => {
  expect((await run('help')).transcript).toBe((await run('--help')).transcript);
  expect((await run('help', 'greet')).transcript).toBe((await run('greet', '--help')).transcript);
  expect((await run('help', 'gret')).err).toContain('did you mean greet?');
});

it('names the whole form of a command without words', async () => {
  const platform = new RecordedPlatform();
  const commands = waiting(() => {});
  await runProgram(['wait', 'x'], platform, commands);
  expect(platform.err).toContain('the form is "mqttk wait [options]"');
});

it('takes --help after an option for its value', async () => {
  expect((await run('greet', '--as-word', '--help')).err).toContain('--as-word cannot be');
});

it.each([[['--version']], [['greet', '--version']]])('names its version for %j', async (words) => {
  const { out, exitCode } = await run(...words);
  expect(out).toMatch(/^mqttk \d+\.\d+\.\d+ \(Node\.js on paper\)\n$/);
  expect(exitCode).toBe(0);
});

it.each([
  [['gret'], 'mqttk: unknown command gret\n  try: did you mean greet?\n'],
  [['constructor'], 'mqttk: unknown command constructor\n  try: "mqttk --help" lists'],
  [['-h'], 'mqttk: unknown option -h\n  try: "mqttk --help" lists'],
  [['greet', '--lout'], 'mqttk greet: unknown option --lout\n  try: did you mean --loud?\n'],
  [['greet', '-n', '0', 'x'], 'mqttk greet: --times cannot be "0"\n  try: give a whole'],
  [['greet', 'a', 'b'], 'mqttk greet: one word too many: "b"\n  try: the form is "mqttk greet '],
])('answers %j with what is wrong and what to do, exit 2', async (words, message) => {
  const { out, err, exitCode } = await run(...words);
  expect(err.slice(0, message.length)).toBe(message);
  expect(out).toBe('');
  expect(exitCode).toBe(2);
});

it('explains what a command throws, with the exit code of its kind', async () => {
  const { transcript } = await run('greet', 'nobody');
  expect(transcript).toBe(
    'err mqttk greet: nobody is there\nerr   why: all left\nerr   try: come again\nexit 6\n',
  );
});

it('asks for a report of a bug of its own, exit 1', async () => {
  const { err, exitCode } = await run('greet', 'bug');
  expect(err).toMatch(/^TypeError: a bug was greeted\n {4}at /);
  expect(err).toMatch(/mqttk greet: internal error, a bug in mqttk .*\n {2}try: report it/);
  expect(exitCode).toBe(1);
});

it('ends quietly when the reader of its output went away', async () => {
  const platform = new RecordedPlatform();
  await runProgram(
    ['wait'],
    platform,
    waiting((p) => p.endOutput()),
  );
  expect(platform.transcript).toBe('exit 0\n');
});

it('ends with an error when output cannot be written', async () => {
  const platform = new RecordedPlatform();
  const full = new CallerError('file', 'the disk is full');
  await runProgram(
    ['wait'],
    platform,
    waiting((p) => p.endOutput(full)),
  );
  expect(platform.transcript).toBe('err mqttk wait: the disk is full\nexit 6\n');
});

it('explains what was thrown where nobody caught it', async () => {
  const platform = new RecordedPlatform();
  const lost = new CallerError('lost', 'connection lost');
  await runProgram(
    ['wait'],
    platform,
    waiting((p) => p.throwUncaught(lost)),
  );
  expect(platform.transcript).toBe('err mqttk wait: connection lost\nexit 4\n');
});

it('leaves the end of output and faults to a command that wants them', async () => {
  const platform = new RecordedPlatform();
  const seen: unknown[] = [];
  const command = defineCommand({
    positionals: { usage: '', max: 0 },
    options: {},
    examples: [],
    async run(_options, _positionals, { onOutputEnd, onFault, atTurnEnd }) {
      onOutputEnd.call(platform, () => seen.push('end'));
      onFault.call(platform, (fault) => seen.push(fault));
      platform.endOutput();
      platform.throwUncaught('fault');
      await new Promise<void>((resolve) => atTurnEnd(resolve));
      return 7;
    },
  });
  const commands = new Map([['own', { summary: '', load: async () => command }]]);
  await runProgram(['own'], platform, commands);
  expect(seen).toEqual(['end', 'fault']);
  expect(platform.transcript).toBe('exit 7\n');
});

import process from 'node:process';
import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { type ColorChoice, chooseTheme, startSpinner } from '../../src/cli/terminal.ts';
import { RecordedPlatform, type Surroundings } from '../support/recorded-platform.ts';

const ESC = '\u001b';

afterEach(() => void vi.restoreAllMocks());

function isColoured(choice: ColorChoice, surroundings: Surroundings): boolean {
  const theme = chooseTheme('stdout', choice, new RecordedPlatform(surroundings));
  return theme.malformed('x') !== 'x';
}

const DUMB = { TERM: 'dumb' };

it.each<[ColorChoice, Surroundings['env'], 'terminal' | 'pipe', boolean]>([
  ['auto', {}, 'terminal', true],
  ['auto', {}, 'pipe', false],
  ['auto', DUMB, 'terminal', false],
  ['auto', { ...DUMB, FORCE_COLOR: '1' }, 'pipe', true],
  ['auto', { CLICOLOR_FORCE: '1' }, 'pipe', true],
  ['auto', { FORCE_COLOR: '0', CLICOLOR_FORCE: '1' }, 'pipe', true],
  ['auto', { FORCE_COLOR: '0' }, 'pipe', false],
  ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, 'terminal', false],
  ['auto', { NO_COLOR: '' }, 'terminal', true],
  ['always', { NO_COLOR: '1' }, 'pipe', true],
  ['never', { FORCE_COLOR: '1' }, 'terminal', false],
])('colours with %s, %j and a %s: %s', (choice, env = {}, output, expected) => {
  expect(isColoured(choice, { env, isTerminal: output === 'terminal' })).toBe(expected);
});

it('colours each stream by what it is', () => {
  const platform = new RecordedPlatform();
  const mixed = Object.assign(Object.create(platform) as RecordedPlatform, {
    env: {},
    isTerminal: { stdin: false, stdout: false, stderr: true },
  });
  expect(chooseTheme('stdout', 'auto', mixed).ok('x')).toBe('x');
  expect(chooseTheme('stderr', 'auto', mixed).ok('x')).toBe(`${ESC}[32mx${ESC}[39m`);
});

it('leaves the text as it is without colours, for all that has one', () => {
  const plain = chooseTheme('stdout', 'never', new RecordedPlatform());
  const coloured = chooseTheme('stdout', 'always', new RecordedPlatform());
  for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
    expect(plain[name]('x')).toBe('x');
    expect(coloured[name]('x')).not.toBe('x');
    expect(coloured[name]('x')).toContain('x');
  }
});

/** A terminal that notes what is sent to it; line clearing and cursor as in Node's own. */
function fakeTerminal(columns = 80) {
  const stream = new PassThrough();
  let sent = '';
  stream.on('data', (chunk) => {
    sent += String(chunk);
  });
  Object.assign(stream, {
    isTTY: true,
    columns,
    cursorTo: (x: number) => stream.write(`${ESC}[${x + 1}G`),
    clearLine: () => stream.write(`${ESC}[0K`),
    moveCursor: () => true,
  });
  return { stream: stream as unknown as NodeJS.WriteStream, sent: () => sent };
}

const CLEARED = `${ESC}[1G${ESC}[0K`;

it('spins only after a second, and leaves nothing behind', async () => {
  const platform = new RecordedPlatform({ isTerminal: true });
  const { stream, sent } = fakeTerminal();
  const spinner = startSpinner('connecting to h:1', platform, stream);
  platform.advanceTo(999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent()).toBe('');
  platform.advanceTo(1000);
  await vi.waitUntil(() => sent().includes('connecting to h:1'));
  stream.write('a line\n');
  expect(sent()).toMatch(/connecting to h:1[^\n]*\[1G.\[0K[^\n]*a line\n/);
  spinner.stop();
  expect(sent().lastIndexOf(CLEARED)).toBeGreaterThan(sent().lastIndexOf('connecting'));
  const length = sent().length;
  spinner.stop();
  stream.write('done\n');
  expect(sent().slice(length)).toBe('done\n');
});

it('says what it is told to say meanwhile, before it shows and after', async () => {
  const platform = new RecordedPlatform({ isTerminal: true });
  const { stream, sent } = fakeTerminal();
  const spinner = startSpinner('one', platform, stream);
  spinner.say('two');
  platform.advanceTo(1000);
  await vi.waitUntil(() => sent().includes('two'));
  expect(sent()).not.toContain('one');
  spinner.say('three');
  await vi.waitUntil(() => sent().includes('three'));
  spinner.stop();
  const { length } = sent();
  spinner.say('four');
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent().slice(length)).toBe('');
});

it('leaves nothing behind when the process ends meanwhile', async () => {
  const once = vi.spyOn(process, 'once');
  const platform = new RecordedPlatform({ isTerminal: true });
  const { stream, sent } = fakeTerminal();
  const spinner = startSpinner('connecting', platform, stream);
  platform.advanceTo(1000);
  await vi.waitUntil(() => sent().includes('connecting'));
  const onExit = once.mock.calls.find(([event]) => event === 'exit')?.[1];
  onExit?.();
  expect(sent().lastIndexOf(CLEARED)).toBeGreaterThan(sent().lastIndexOf('connecting'));
  spinner.stop();
});

it('never spins once it is stopped, though its second passes', async () => {
  const platform = new RecordedPlatform({ isTerminal: true });
  const { stream, sent } = fakeTerminal();
  startSpinner('early', platform, stream).stop();
  const late = startSpinner('late', platform, stream);
  platform.advanceTo(1000);
  late.stop();
  await import('ora');
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent()).toBe('');
});

it.each<[Surroundings, number]>([
  [{ isTerminal: false }, 80],
  [{ isTerminal: true, env: DUMB }, 80],
  [{ isTerminal: true }, 0],
])('does not spin with %j and %i columns', async (surroundings, columns) => {
  const platform = new RecordedPlatform(surroundings);
  const { stream, sent } = fakeTerminal(columns);
  const spinner = startSpinner('x', platform, stream);
  platform.advanceTo(1000);
  await import('ora');
  await new Promise((resolve) => setImmediate(resolve));
  spinner.say('y');
  expect(sent()).toBe('');
  spinner.stop();
});

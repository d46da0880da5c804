import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'mqttk-probe-'));
const probe = join(folder, 'probe.mjs');

beforeAll(async () => {
  const entry = fileURLToPath(new URL('platform-probe.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: probe,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(words: string[], stdout: 'pipe' | number = 'pipe'): ChildProcess {
  return spawn(process.execPath, [probe, ...words], { stdio: ['pipe', stdout, 'pipe'] });
}

/** What a probe says and ends with; `input` is its standard input. */
async function run(words: string[], input = '') {
  const child = start(words);
  child.stdin?.end(input);
  const said = [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : ''));
  const [status] = await once(child, 'close');
  const [out = '', err = ''] = await Promise.all(said);
  return { status, out, err };
}

it('lets all output out before it ends, whatever else is still open', async () => {
  const { status, out, err } = await run(['large']);
  expect(out.length).toBe(3_000_000);
  expect({ status, err }).toEqual({ status: 5, err: 'the end\n' });
});

it('knows how much memory there is, for the machine or its container', async () => {
  const { out } = await run(['memory']);
  expect(Number(out)).toBeGreaterThan(2 ** 24);
  expect(Number(out)).toBeLessThanOrEqual(totalmem());
});

it('ends quietly when the reader of a pipe goes away', async () => {
  const child = start(['endless']);
  const err = child.stderr ? text(child.stderr) : '';
  child.stdout?.once('data', () => child.stdout?.destroy());
  const [status] = await once(child, 'close');
  expect({ status, err: await err }).toEqual({ status: 0, err: '' });
});

it('says that output is backed up, and when it is out', async () => {
  const child = start(['slow']);
  const err = child.stderr ? text(child.stderr) : '';
  // Not before it has seen that its output is stuck.
  child.stderr?.once('data', () => child.stdout?.resume());
  await once(child, 'close');
  expect(await err).toBe('free false, told false\ntold true\n');
});

it.runIf(process.platform === 'linux')('explains why it cannot write, exit 6', async () => {
  const child = start(['endless'], openSync('/dev/full', 'w'));
  const err = child.stderr ? text(child.stderr) : '';
  const [status] = await once(child, 'close');
  const what = 'mqttk endless: cannot write to standard output: no space left on device\n';
  expect({ status, err: await err }).toEqual({ status: 6, err: what });
});

it.each(['copy', 'whole'])('reads standard input and files (%s)', async (command) => {
  const path = join(folder, 'file');
  writeFileSync(path, 'in a file');
  expect(await run([command], 'typed')).toEqual({ status: 0, out: 'typed', err: '' });
  expect(await run([command, path])).toEqual({ status: 0, out: 'in a file', err: '' });
});

it.each(['copy', 'whole'])('explains why it cannot read, exit 6 (%s)', async (command) => {
  const { status, err } = await run([command, '/does/not/exist']);
  expect(err).toMatch(/: cannot read \/does\/not\/exist: no such file or directory\n {2}try: /);
  expect(status).toBe(6);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves %s to the command', async (signal) => {
  const child = start(['signal']);
  const err = child.stderr ? text(child.stderr) : '';
  child.stdout?.once('data', () => child.kill(signal));
  const [status] = await once(child, 'close');
  expect({ status, err: await err }).toEqual({ status: 9, err: `${signal}\n` });
});

it('explains what was thrown in a callback, exit 1', async () => {
  const { status, err } = await run(['fault']);
  expect(err).toContain('RangeError: thrown in a callback\n');
  expect(err).toContain('mqttk fault: internal error');
  expect(status).toBe(1);
});

it('takes it for a bug when nothing is left to wait for, exit 1', async () => {
  const { status, err } = await run(['idle']);
  expect(err).toContain('mqttk idle: internal error');
  expect(status).toBe(1);
});

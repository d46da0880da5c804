import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { VERSION } from '../../src/cli/version.ts';

const bin = fileURLToPath(new URL('../../bin/mqttk', import.meta.url));
const elsewhere = mkdtempSync(join(tmpdir(), 'mqttk-bin-'));
afterAll(() => rmSync(elsewhere, { recursive: true }));

const { PATH } = process.env;

/** Runs an executable from another folder than the repository's. */
function run(file: string, ...words: string[]) {
  const { status, stdout, stderr, error } = spawnSync(file, words, {
    cwd: elsewhere,
    encoding: 'utf8',
    env: { PATH },
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** The executable as it lies in a folder of its own, with the package's own kinds of module. */
function copyBin(folder: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const name of ['package.json', 'bin/package.json', 'bin/mqttk']) {
    copyFileSync(new URL(`../../${name}`, import.meta.url), join(folder, name));
  }
  return join(folder, 'bin/mqttk');
}

it('names its version', () => {
  const { status, stdout, stderr } = run(bin, '--version');
  expect(stdout).toContain(`mqttk ${VERSION} (Node.js ${process.version} on `);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('runs through a symbolic link', () => {
  const link = join(elsewhere, 'linked');
  symlinkSync(bin, link);
  expect(run(link, '--version')).toEqual(run(bin, '--version'));
});

it('refuses an unknown command with exit 2', () => {
  const { status, stdout, stderr } = run(bin, 'wombat');
  expect(stderr).toMatch(/^mqttk: unknown command wombat\n {2}try: /);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

it('says how to build it where it is not built', () => {
  const folder = join(elsewhere, 'clone');
  const copy = copyBin(folder);
  const { status, stdout, stderr } = run(copy, '--version');
  expect(stderr).toBe(`mqttk: not built yet; run "npm ci" in ${folder}\n`);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

it('runs without compiled code, or with that of another Node', () => {
  const folder = join(elsewhere, 'packed');
  const copy = copyBin(folder);
  cpSync(new URL('../../dist', import.meta.url), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist/mqttk.v8'), 'of another Node');
  rmSync(join(folder, 'dist/pub.v8'));
  expect(run(copy, '--version')).toEqual(run(bin, '--version'));
  expect(run(copy, 'pub', '--version')).toEqual(run(bin, '--version'));
});

it.each([...COMMANDS.keys()])('explains %s when help is asked about it', (name) => {
  expect(run(bin, 'help', name)).toEqual(run(bin, name, '--help'));
});

it.each([...COMMANDS.keys()])('explains %s', (name) => {
  const { status, stdout, stderr } = run(bin, name, '--help');
  expect(stdout).toMatch(new RegExp(`^mqttk ${name} \\[options\\]`));
  expect(stdout).toMatch(/\n\nExamples:\n[\s\S]*\n {2,}--help +show this text\n/);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

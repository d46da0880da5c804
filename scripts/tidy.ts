import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Holds what no linter can. Each check returns its findings, one line each; any finding fails the
 * gate. Runs from the repository root.
 */
type Check = () => string[];

const TOP_LEVEL = new Set(
  `src test bin scripts package.json package-lock.json tsconfig.json biome.json README.md LICENSE
  CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md dist coverage node_modules`.split(/\s+/),
);
const FOLDERS = new Set(
  'base codec topic session broker client inspect net store cluster cli'.split(' '),
);
/** Where a function may be long, with a reason: nowhere else is speed worth it. */
const HOT_PATH = new Set([
  'src/broker/publish-scan.ts',
  'src/broker/route-cache.ts',
  'src/broker/outgoing-buffer.ts',
]);
/** Folders that only take values and call ports: no promise, so that virtual time stays exact. */
const PURE = /^src\/(?:base|codec|topic|session|broker|client|inspect)\//;
/** The process's edge: tested by spawning it, not by a file of its own. */
const EDGE = new Set(['src/main.ts', 'src/cli/node-platform.ts']);

const SOURCES = filesUnder('src');
const TESTS = filesUnder('test');

const CHECKS: readonly Check[] = [
  function topLevel() {
    const strays = readdirSync('.').filter((name) => !/^\./.test(name) && !TOP_LEVEL.has(name));
    return strays.map((name) => `${name}: the top level is a fixed list`);
  },

  function flatFolders() {
    const strays = SOURCES.filter((file) => {
      const [, folder = '', ...rest] = file.split('/');
      return file !== 'src/main.ts' && !(FOLDERS.has(folder) && rest.length === 1);
    });
    return strays.map((file) => `${file}: source lies one level deep, in one of the known folders`);
  },

  function mirroredTests() {
    const untested = SOURCES.filter((file) => hasBehaviour(file) && !existsSync(testOf(file)));
    return untested.map((file) => `${file}: ${testOf(file)} is missing`);
  },

  function testedClauses() {
    const tests = TESTS.map(read).join('\n');
    return judgeLines(SOURCES, /'(?:MQTT-|311:|V31-)[\d.-]+'/, (_file, quoted) => {
      const isTested = tests.includes(quoted) || tests.includes(`[${quoted.slice(1, -1)}]`);
      return isTested ? undefined : `no test names ${quoted}`;
    });
  },

  function synchronousCore() {
    const pure = SOURCES.filter((file) => PURE.test(file));
    return judgeLines(pure, /^(?!\s*(?:\*|\/)).*\b(?:async|await|Promise)\b/, () => 'is not pure');
  },

  function documentedExports() {
    return SOURCES.flatMap((file) => {
      const bare = /(?<!\*\/)\nexport (?:async )?(?:function|class) (\w+)/.exec(
        `\n${read(file)}`,
      )?.[1];
      return bare === undefined ? [] : [`${file}: ${bare} has no doc comment`];
    });
  },

  function reasonedIgnores() {
    return judgeLines([...SOURCES, ...TESTS], /biome-ignore.*/, (file, comment) => {
      if (!/^biome-ignore lint\/\w+\/\w+: (?:\S+ ){3}/.test(comment)) return 'says no reason';
      const isSize = /noExcessive|useMaxParams/.test(comment);
      return isSize && !HOT_PATH.has(file) ? 'only the hot path may exceed the limits' : undefined;
    });
  },

  function statedVersion() {
    const stated = /VERSION = '(.*)'/.exec(read('src/cli/version.ts'))?.[1];
    const { version } = JSON.parse(read('package.json')) as { version: string };
    return stated === version ? [] : [`src/cli/version.ts: package.json says ${version}`];
  },

  function longLines() {
    return judgeLines([...SOURCES, ...TESTS], /^.{101,}/, () => 'is over 100 columns');
  },

  function bannedWords() {
    const banned = /\bFIXME\b|\bXXX\b|Math\.random|@ts-\w+|from '\.\/\.\./;
    return judgeLines([...SOURCES, ...TESTS], banned, (_file, word) => `${word} is not merged`);
  },
];

function filesUnder(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Types and tables need no test of their own. */
function hasBehaviour(file: string): boolean {
  return !EDGE.has(file) && /^export (?:async function|function|class)\b/m.test(read(file));
}

function testOf(file: string): string {
  return file.replace('src/', 'test/').replace(/\.ts$/, '.test.ts');
}

/** One finding per line that holds `pattern` and that `judge` faults. */
function judgeLines(
  files: readonly string[],
  pattern: RegExp,
  judge: (file: string, match: string) => string | undefined,
): string[] {
  const findings: string[] = [];
  for (const file of files) {
    for (const [index, line] of read(file).split('\n').entries()) {
      const match = pattern.exec(line)?.[0];
      const finding = match === undefined ? undefined : judge(file, match);
      if (finding !== undefined) findings.push(`${file}:${index + 1}: ${finding}`);
    }
  }
  return findings;
}

const findings = CHECKS.flatMap((check) => check());
if (SOURCES.length === 0) findings.push('src: no files; is this the repository root?');
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;

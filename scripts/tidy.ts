import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { renderSizes } from './sizes.ts';
import {
  EXCUSES,
  findGap,
  findTrapFaults,
  idsIn,
  type Role,
  readTests,
  roleOf,
  STANDARDS,
  testFiles,
  trapsIn,
} from './statements.ts';
import { missingTables, renderReadme } from './tables.ts';

/**
 * Holds what no linter can. Each check returns its findings, one line each; any finding fails the
 * gate. Runs from the repository root.
 */
type Check = () => string[];

const TOP_LEVEL = new Set(
  `src test bin scripts package.json package-lock.json tsconfig.json biome.json README.md LICENSE
  CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md BENCHMARKS.md dist coverage node_modules`.split(
    /\s+/,
  ),
);
const FOLDERS = new Set(
  'base codec topic session broker client inspect bench net store cluster cli'.split(' '),
);
/** Where a function may be long, with a reason: nowhere else is speed worth it. */
const HOT_PATH = new Set(['src/broker/hot-acks.ts']);
/** Folders that only take values and call ports: no promise, so that virtual time stays exact. */
const PURE = /^src\/(?:base|codec|topic|session|broker|client|inspect|bench)\//;
/** The process's edge: tested by spawning it, not by a file of its own. */
const EDGE = new Set(['src/main.ts', 'src/cli/node-platform.ts']);

const SOURCES = filesUnder('src', '.ts');
const TESTS = filesUnder('test', '.ts');
const VECTORS = filesUnder('test/vectors', '.hex');
const GOLDEN = filesUnder('test/cli/golden', '.txt');

/** A clause as it is written in code, comments, test names and vectors. */
const CLAUSE = /(?:MQTT-\d+(?:\.\d+)+-|311:\d+(?:\.\d+)+-|V31-)\d+/;
const STATEMENT_IDS = new Set(
  STANDARDS.flatMap(({ statements }) => statements.map(({ id }) => id)),
);
/** What the names in each file of tests bear. */
const NAMES = testFiles().map((file) => {
  const text = readTests(file);
  return { file, role: roleOf(file), ids: idsIn(text), traps: trapsIn(text) };
});
/** In test names and vectors ids stand in brackets, in expectations in quotes. */
const NAMED_BY_TESTS = new Set(
  [...TESTS, ...VECTORS].flatMap((file) =>
    [...read(file).matchAll(/[['](MQTT-|311:|V31-)([\d.-]+)[\]']/g)].map(
      ([, standard = '', number = '']) => `${standard}${number}`,
    ),
  ),
);

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

  /** Else a slip of the pen names a rule that nobody can look up. */
  function knownClauses() {
    return judgeLines([...SOURCES, ...TESTS, ...VECTORS], CLAUSE, (_file, id) =>
      STATEMENT_IDS.has(id) ? undefined : `${id} is in no standard`,
    );
  },

  /** Each statement has a test in each of its roles, or one file says why not. */
  function accountedStatements() {
    const count = (id: string, role: Role | undefined): number =>
      NAMES.filter((one) => (role === undefined || one.role === role) && one.ids.has(id)).length;
    const unknown = EXCUSES.filter(({ id }) => !STATEMENT_IDS.has(id));
    const gaps = STANDARDS.flatMap(({ statements }) =>
      statements.flatMap((statement) => findGap(statement, count)),
    );
    return [...gaps, ...unknown.map(({ id }) => `${id} is excused, and in no standard`)];
  },

  /** Each trap that others fell into has a test, or its row says why not. */
  function accountedTraps() {
    return findTrapFaults((trap) =>
      NAMES.filter(({ traps }) => traps.has(trap)).map(({ file }) => file),
    );
  },

  /** The rules by which peers are refused stand in one table: `rules.ts`. */
  function testedClauses() {
    return judgeLines(['src/codec/rules.ts'], CLAUSE, (_file, id) =>
      NAMED_BY_TESTS.has(id) ? undefined : `no test names ${id}`,
    );
  },

  function readVectors() {
    const tests = TESTS.map(read).join('\n');
    const orphans = [...VECTORS, ...GOLDEN].filter((file) => {
      const name = file.replace(/^.*\//, '');
      return !tests.includes(name) && !tests.includes(`'${name.replace(/\.\w+$/, '')}'`);
    });
    return orphans.map((file) => `${file}: no test reads it`);
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

function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

function allOf(pattern: RegExp): RegExp {
  return new RegExp(pattern, 'g');
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

/** One finding for each place that matches `pattern` and that `judge` faults. */
function judgeLines(
  files: readonly string[],
  pattern: RegExp,
  judge: (file: string, match: string) => string | undefined,
): string[] {
  const findings: string[] = [];
  for (const file of files) {
    for (const [index, line] of read(file).split('\n').entries()) {
      for (const [match] of line.matchAll(allOf(pattern))) {
        const finding = judge(file, match);
        if (finding !== undefined) findings.push(`${file}:${index + 1}: ${finding}`);
      }
    }
  }
  return findings;
}

/** The README's tables of options, limits and exit codes say what the code does. */
async function staleTables(): Promise<string[]> {
  const missing = await missingTables();
  const isStale = (await renderReadme()) !== read('README.md');
  return [
    ...missing.map((name) => `README.md: the table "${name}" is missing`),
    ...(isStale ? ['README.md: its tables are not what the code says: "npm run tables"'] : []),
  ];
}

const findings = [...CHECKS.flatMap((check) => check()), ...(await staleTables())];
if (SOURCES.length === 0) findings.push('src: no files; is this the repository root?');
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
process.stdout.write(`${renderSizes(SOURCES, TESTS)}\n`);

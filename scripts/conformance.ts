import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import {
  EXCUSES,
  findGap,
  findTrapFaults,
  idsIn,
  ROLES,
  type Role,
  readTests,
  roleOf,
  STANDARDS,
  type Standard,
  type Statement,
  TRAPS,
  testFiles,
  trapsIn,
} from './statements.ts';

/** What vitest's JSON report tells of a test. */
interface Assertion {
  readonly fullName: string;
  readonly status: string;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

/** A test that ran. */
interface Test {
  readonly file: string;
  readonly name: string;
  readonly isPassing: boolean;
}

/** Tests that show no statement by themselves are not worth the wait. */
const LEFT_OUT = [
  ...['e2e', 'cli', 'sim', 'bench', 'inspect', 'base'].map((folder) => `test/${folder}/**`),
  'test/topic/many-entries*',
];
const ID_WIDTH = Math.max(...STANDARDS.flatMap(({ statements }) => statements.map(widthOf)));

/**
 * Prints a line for each statement of the standards: its id, how many tests show it in each role,
 * and their result. Runs the tests itself, or reads the JSON report of a run, of which it then says
 * only the sums and what is wrong. Exits with 1 if something is.
 */
function main(reportFile: string | undefined): void {
  const tests = reportFile === undefined ? runTests() : readReport(reportFile);
  const byId = new Map<string, Test[]>();
  for (const test of tests) {
    for (const id of idsIn(test.name)) byId.set(id, [...(byId.get(id) ?? []), test]);
  }
  if (reportFile === undefined) {
    for (const standard of STANDARDS) printTable(standard, byId);
    printExcuses();
  }
  for (const standard of STANDARDS) printSum(standard, byId);
  const none = tests.length === 0 ? ['no test has run'] : [];
  // A test that fails may show several statements.
  const faults = new Set([
    ...none,
    ...findFaults(byId),
    ...nameFaults(tests),
    ...trapFaults(tests),
  ]);
  for (const fault of faults) process.stdout.write(`WRONG  ${fault}\n`);
  const counts = STANDARDS.map(({ statements }) => statements.length).join(' + ');
  const sum = `${counts} statements and ${TRAPS.length} traps`;
  process.stdout.write(`${sum}: ${faults.size === 0 ? '' : `${faults.size} wrong, not `}all `);
  process.stdout.write('accounted for\n');
  process.exitCode = faults.size > 0 ? 1 : 0;
}

/** The tests without those that need other programs: what they show is no statement by itself. */
function runTests(): Test[] {
  const folder = mkdtempSync(join(tmpdir(), 'mqttk-conformance-'));
  const file = join(folder, 'report.json');
  const leftOut = LEFT_OUT.flatMap((pattern) => ['--exclude', pattern]);
  const words = ['run', '--config', 'test/vitest.config.ts', ...leftOut];
  const reporter = ['--reporter=json', `--outputFile=${file}`];
  spawnSync('node_modules/.bin/vitest', [...words, ...reporter], { stdio: 'ignore' });
  try {
    return readReport(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): Test[] {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return report.testResults.flatMap(({ assertionResults, name }) =>
    assertionResults.map(({ fullName, status }) => ({
      file: relative(process.cwd(), name),
      name: fullName,
      isPassing: status === 'passed',
    })),
  );
}

function printTable({ statements, title }: Standard, byId: ReadonlyMap<string, Test[]>): void {
  print([title.padEnd(ID_WIDTH), ...ROLES, 'others', 'result'].join('  '));
  for (const statement of statements) {
    const { id } = statement;
    const tests = byId.get(id) ?? [];
    const counts = [...ROLES, undefined].map((role) => renderCount(statement, role, tests));
    print([id.padEnd(ID_WIDTH), ...counts, renderResult(statement, tests)].join('  '));
  }
  print('');
}

/** How many tests there are in the role; a dash where it is not asked for. */
function renderCount({ roles }: Statement, role: Role | undefined, tests: readonly Test[]): string {
  const count = tests.filter(({ file }) => roleOf(file) === role).length;
  const isOwed = role === undefined || roles.includes(role);
  return (count === 0 && !isOwed ? '-' : String(count)).padStart('others'.length);
}

function renderResult(statement: Statement, tests: readonly Test[]): string {
  if (tests.some(({ isPassing }) => !isPassing)) return 'FAIL';
  if (findGap(statement, countIn(tests)).length > 0) return 'FAIL: no test, and no excuse';
  const excuses = EXCUSES.filter(({ id }) => id === statement.id);
  const [whole] = excuses.filter(({ role }) => role === undefined);
  if (whole !== undefined) return `excused: ${whole.reason}`;
  const parts = excuses.map(({ reason, role }) => `; ${role} excused: ${reason}`);
  return `${tests.length === 0 ? 'excused' : 'pass'}${parts.join('')}`;
}

function printExcuses(): void {
  print(`excused (${EXCUSES.length}):`);
  for (const { id, reason, role } of EXCUSES) {
    print(`  ${`${id} ${role ?? ''}`.padEnd(ID_WIDTH + 'broker '.length)}  ${reason}`);
  }
  print('');
}

function printSum({ statements, title }: Standard, byId: ReadonlyMap<string, Test[]>): void {
  const tested = statements.filter(({ id }) => byId.has(id));
  const excused = statements.filter(
    ({ id }) => !byId.has(id) && EXCUSES.some((excuse) => excuse.id === id),
  );
  const failing = tested.filter(({ id }) => byId.get(id)?.some(({ isPassing }) => !isPassing));
  const all = `${tested.length + excused.length} of ${statements.length} statements accounted for`;
  const parts = `${tested.length} tested, ${excused.length} excused, ${failing.length} failing`;
  print(`${title}: ${all}: ${parts}`);
}

function findFaults(byId: ReadonlyMap<string, Test[]>): string[] {
  return STANDARDS.flatMap(({ statements }) =>
    statements.flatMap((statement) => {
      const tests = byId.get(statement.id) ?? [];
      const failing = tests.filter(({ isPassing }) => !isPassing);
      const failures = failing.map(({ file, name }) => `${file}: ${name} fails`);
      return [...failures, ...findGap(statement, countIn(tests))];
    }),
  );
}

function countIn(tests: readonly Test[]) {
  return (_id: string, role: Role | undefined) =>
    tests.filter(({ file }) => role === undefined || roleOf(file) === role).length;
}

/** `tidy` reads names where they are written: it is right only if they are those that run. */
function nameFaults(tests: readonly Test[]): string[] {
  return testFiles()
    .filter((file) => roleOf(file) !== undefined)
    .flatMap((file) => {
      const ran = idsIn(namesIn(file, tests));
      const unborne = [...idsIn(readTests(file))].filter((id) => !ran.has(id));
      return unborne.map((id) => `${file}: [${id}] stands in no test's name`);
    });
}

function trapFaults(tests: readonly Test[]): string[] {
  const trapsByFile = testFiles().map((file) => ({
    file,
    written: trapsIn(readTests(file)),
    ran: trapsIn(namesIn(file, tests)),
  }));
  return findTrapFaults((trap) =>
    trapsByFile
      .filter(({ file, ran, written }) => (isLeftOut(file) ? written : ran).has(trap))
      .map(({ file }) => file),
  );
}

function isLeftOut(file: string): boolean {
  return LEFT_OUT.some((pattern) => file.startsWith(pattern.replace(/\*+$/, '')));
}

function namesIn(file: string, tests: readonly Test[]): string {
  return tests
    .filter((test) => test.file === file)
    .map(({ name }) => name)
    .join('\n');
}

function widthOf({ id }: Statement): number {
  return id.length;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv[2]);

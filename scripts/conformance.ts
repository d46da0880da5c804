import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** One test as vitest's JSON report tells of it. */
interface Test {
  readonly fullName: string;
  readonly status: string;
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Test[] }[];
}

/** Where each standard's ids lie, and what stands before them in the names of tests. */
const STANDARDS = [
  { title: 'MQTT 5.0', file: 'test/clauses/mqtt-5.0.txt' },
  { title: 'MQTT 3.1.1', file: 'test/clauses/mqtt-3.1.1.txt' },
] as const;
const CLAUSE = /\[((?:MQTT-|311:)[\d.]+-\d+)\]/g;

/**
 * Runs the tests and prints a line for each statement of the standards: its id, how many tests bear
 * it, and whether they pass. Exits with 1 if one fails.
 */
function main(): void {
  const tests = runTests();
  const byClause = new Map<string, Test[]>();
  for (const test of tests) {
    for (const [, clause = ''] of test.fullName.matchAll(CLAUSE)) {
      byClause.set(clause, [...(byClause.get(clause) ?? []), test]);
    }
  }
  let failures = 0;
  for (const { file, title } of STANDARDS) {
    const ids = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^(?:MQTT|311)/.test(line));
    process.stdout.write(`${title}\n`);
    for (const id of ids) process.stdout.write(`${renderRow(id, byClause.get(id) ?? [])}\n`);
    const tested = ids.filter((id) => byClause.has(id));
    const failing = tested.filter((id) => !isPassing(byClause.get(id) ?? []));
    failures += failing.length;
    const counts = `${tested.length} of ${ids.length} statements tested, ${failing.length} failing`;
    process.stdout.write(`${title}: ${counts}\n\n`);
  }
  process.exitCode = failures > 0 ? 1 : 0;
}

/** The tests without those that need other programs: what they show is no statement by itself. */
function runTests(): Test[] {
  const folder = mkdtempSync(join(tmpdir(), 'mqttk-conformance-'));
  const file = join(folder, 'report.json');
  const words = ['run', '--config', 'test/vitest.config.ts', '--exclude', 'test/e2e/**'];
  const reporter = ['--reporter=json', `--outputFile=${file}`];
  spawnSync('node_modules/.bin/vitest', [...words, ...reporter], { stdio: 'ignore' });
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return report.testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isPassing(tests: readonly Test[]): boolean {
  return tests.every(({ status }) => status === 'passed');
}

function renderRow(id: string, tests: readonly Test[]): string {
  if (tests.length === 0) return `${id.padEnd(16)} no test`;
  const result = isPassing(tests) ? 'pass' : 'FAIL';
  return `${id.padEnd(16)} ${result}  ${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`;
}

main();

import { readdirSync, readFileSync } from 'node:fs';

/** As whom we keep a statement, or hold the other side to it. */
export type Role = 'broker' | 'client';
export const ROLES: readonly Role[] = ['broker', 'client'];

/** A normative statement of a standard, or a row of our table of what MQTT 3.1 does otherwise. */
export interface Statement {
  /** As tests bear it in square brackets. */
  readonly id: string;
  /** Those in which a test must show it; with none, any test will do. */
  readonly roles: readonly Role[];
}

export interface Standard {
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** Why a statement has no test: in this role, or at all. */
export interface Excuse {
  readonly id: string;
  readonly role: Role | undefined;
  readonly reason: string;
}

/** A row of our list of what brokers and clients get wrong. */
export interface Trap {
  readonly number: number;
  /** Files below `test` without their ending, or why there is none. */
  readonly shownBy: string;
}

export const EXCUSES_FILE = 'test/clauses/excuses.txt';
export const TRAPS_FILE = 'test/clauses/traps.md';
/** How an excuse begins, for a statement or a trap. */
const EXCUSE = 'not testable: ';
const ID = /\[((?:MQTT-|311:|V31-)[\d.-]+)\]/g;
const TRAP = /\[trap (\d+)\]/g;
/** A line comment, but not the two slashes of a URL or a topic. */
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm;

export const STANDARDS: readonly Standard[] = [
  readStandard('MQTT 5.0', 'test/clauses/mqtt-5.0.txt'),
  readStandard('MQTT 3.1.1', 'test/clauses/mqtt-3.1.1.txt'),
  readStandard('MQTT 3.1', 'test/clauses/mqtt-3.1.txt'),
];
export const EXCUSES: readonly Excuse[] = linesOf(EXCUSES_FILE).map(parseExcuse);
export const TRAPS: readonly Trap[] = linesOf(TRAPS_FILE).flatMap(parseTrap);

/** Which role a test file shows: those of neither show what both are made of. */
export function roleOf(file: string): Role | undefined {
  if (/^test\/(?:client\/|conformance\/client-)/.test(file)) return 'client';
  return /^test\/(?:broker|conformance)\//.test(file) ? 'broker' : undefined;
}

/** The ids of statements that a test's name bears, or the names in a file of tests. */
export function idsIn(text: string): Set<string> {
  return new Set([...text.matchAll(ID)].map(([, id = '']) => id));
}

/** The numbers of traps that a test's name bears, or the names in a file of tests. */
export function trapsIn(text: string): Set<number> {
  return new Set([...text.matchAll(TRAP)].map(([, number]) => Number(number)));
}

/** A file of tests without what its comments say. */
export function readTests(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(COMMENT, '');
}

/** Files with tests that bear ids: e2e tests need other programs, and show none by themselves. */
export function testFiles(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`)
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/e2e/'))
    .sort();
}

/** What is wrong with the statement's tests and excuses, given how many tests show it in a role. */
export function findGap(
  { id, roles }: Statement,
  testCount: (id: string, role: Role | undefined) => number,
): string[] {
  const excuses = EXCUSES.filter((excuse) => excuse.id === id);
  const owed = roles.length === 0 ? [undefined] : roles;
  const gaps = owed.flatMap((role) => {
    const excuse = excuses.find((one) => one.role === undefined || one.role === role);
    const hasTest = testCount(id, role) > 0;
    const where = role === undefined ? '' : ` of the ${role}`;
    if (hasTest && excuse !== undefined) return [`${id} is excused, and has a test${where}`];
    return hasTest || excuse !== undefined ? [] : [`${id} has no test${where}, and no excuse`];
  });
  const strays = excuses.filter(({ role }) => role !== undefined && !roles.includes(role));
  return [...gaps, ...strays.map(({ role }) => `${id} is excused for the ${role}, whom it skips`)];
}

/** What is wrong with the list of traps, given where each number stands in a test's name. */
export function findTrapFaults(filesOf: (trap: number) => readonly string[]): string[] {
  const faults = TRAPS.flatMap(({ number, shownBy }) => {
    const files = filesOf(number).map((file) => file.slice('test/'.length, -'.test.ts'.length));
    if (shownBy.startsWith(EXCUSE)) {
      return files.length === 0 ? [] : [`trap ${number} is excused, and has a test`];
    }
    if (files.length === 0) return [`no test bears [trap ${number}], and no excuse is given`];
    const wanted = files.join(', ');
    return shownBy === wanted ? [] : [`trap ${number} is shown by ${wanted}`];
  });
  const numbers = TRAPS.map(({ number }) => number);
  const isWhole = numbers.every((number, index) => number === index + 1);
  return isWhole ? faults : [...faults, 'the traps are not numbered one by one'];
}

function readStandard(title: string, file: string): Standard {
  const statements = linesOf(file).map((line) => {
    const [id = '', ...roles] = line.split(' ');
    return { id, roles: ROLES.filter((role) => roles.includes(role)) };
  });
  return { title, statements };
}

function parseExcuse(line: string): Excuse {
  const [, id, role, reason] = /^(\S+)(?: (broker|client))? - (.+)$/.exec(line) ?? [];
  if (id === undefined || reason === undefined || !reason.startsWith(EXCUSE)) {
    throw new Error(`${EXCUSES_FILE}: no excuse is "${line}"`);
  }
  return { id, role: role as Role | undefined, reason: reason.slice(EXCUSE.length) };
}

function parseTrap(line: string): Trap[] {
  if (!/^\| *\d/.test(line)) return [];
  const [, number, shownBy] = /^\| *(\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$/.exec(line) ?? [];
  if (shownBy === undefined) throw new Error(`${TRAPS_FILE}: no row is "${line}"`);
  return [{ number: Number(number), shownBy }];
}

function linesOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { numberText, percentText } from '../src/bench/figure-text.ts';
import { type FigureName, type Figures, figureRow } from '../src/bench/figures.ts';
import {
  IS_PINNED,
  machineText,
  PEERS,
  type Peer,
  type RunningPeer,
  runBench,
  startPeer,
} from './bench-peers.ts';
import { type BenchRow, ROWS } from './bench-rows.ts';

/**
 * Measures mqttk beside its peers with `mqttk bench`, and writes the table of BENCHMARKS.md:
 *
 *     npm run bench -- [--rounds N] [--rows NAME,...] [--duration TIME] [--out FILE]
 *
 * Brokers and load have a core each, where that can be had; all brokers are measured in turn,
 * round by round, and what is quoted are medians of ratios within one round. With some rows alone
 * the table is printed, and no file is written unless it is named.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string' },
    duration: { type: 'string' },
    out: { type: 'string' },
  },
});

const FILE = 'BENCHMARKS.md';
const OURS = 'mqttk';
/** A machine that does something else does not measure. */
const LOAD_MAX = 0.5;

/** What one broker did in one round. */
interface Run {
  readonly figures: Figures;
  /** Whether the load generator was at its limit. */
  readonly isLimited: boolean;
}

/** By broker, a run for each round; undefined where it failed. */
type Runs = ReadonlyMap<string, readonly (Run | undefined)[]>;

/** What is to be said of a broker in a row: once, however many rounds. */
const remarks = new Map<string, string>();

async function main(): Promise<void> {
  const rounds = Number(options.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds is a number from 1 on');
  const rows = chosenRows();
  const peers = PEERS.filter(({ name, version }) => {
    if (version === undefined) say(`${name} is not installed, and left out`);
    return version !== undefined;
  });
  const [load = 0] = loadavg();
  if (load > LOAD_MAX) say(`the machine is busy (load ${load.toFixed(1)}): this is no measurement`);
  const lines: string[] = [];
  for (const row of rows) lines.push(renderRow(row, peers, await measureRow(row, peers, rounds)));
  const text = renderTable(peers, lines, { rounds, load });
  const file = options.out ?? (options.rows === undefined ? FILE : undefined);
  if (file === undefined) process.stdout.write(text);
  else writeFileSync(file, text);
}

function chosenRows(): readonly BenchRow[] {
  if (options.rows === undefined) return ROWS;
  return options.rows.split(',').map((wanted) => {
    const row = ROWS.find(({ name }) => name === wanted);
    if (row !== undefined) return row;
    throw new Error(`no row is called ${wanted}: ${ROWS.map(({ name }) => name).join(', ')}`);
  });
}

/** A B C, A B C: with brokers that were started for this row, or for each round of it. */
async function measureRow(row: BenchRow, peers: readonly Peer[], rounds: number): Promise<Runs> {
  const runs = new Map(peers.map(({ name }) => [name, [] as (Run | undefined)[]]));
  const starts = row.isFresh === true ? rounds : 1;
  for (let start = 0; start < starts; start += 1) {
    const running: RunningPeer[] = [];
    try {
      for (const peer of peers) running.push(await startPeer(peer));
      for (let round = start; round < rounds; round += starts) {
        for (const peer of running) {
          say(`${row.name}, round ${round + 1} of ${rounds}: ${peer.name}`);
          runs.get(peer.name)?.push(await measure(row, peer));
        }
      }
    } finally {
      for (const peer of running) await peer.stop();
    }
  }
  return runs;
}

async function measure({ name, words }: BenchRow, peer: RunningPeer): Promise<Run | undefined> {
  const isHeld = name === 'connections';
  const duration = options.duration === undefined || isHeld ? [] : ['--duration', options.duration];
  const { err, out } = await runBench(peer, [...words, ...duration]);
  const remark = (text: string) => remarks.set(`${peer.name}, ${name}`, text);
  if (out === '') {
    remark(reasonOf(err));
    return undefined;
  }
  const { bottleneck, figures } = JSON.parse(out);
  const { delivered, lost = 0 } = figures;
  if (lost > 0) remark(`${percentText(lost / (delivered + lost))} of the messages were lost`);
  if (delivered === 0) return undefined;
  return { figures, isLimited: bottleneck === 'client' || bottleneck === 'both' };
}

/** Errors come as one line of JSON. */
function reasonOf(err: string): string {
  const [line = ''] = err.split('\n');
  return line.startsWith('{') ? String(JSON.parse(line).what) : line;
}

function renderRow(row: BenchRow, peers: readonly Peer[], runs: Runs): string {
  const { figure = 'delivered_per_s', title } = row;
  const of = (name: string) => runs.get(name) ?? [];
  const cells = [title];
  for (const { name } of peers) {
    const figures = of(name).map((run) => run?.figures[figure]);
    const cpu = of(name).map((run) => run?.figures.broker_cpu_s_per_million);
    const isLimited = of(name).some((run) => run?.isLimited === true);
    const isPerMillion = figure === 'delivered_per_s';
    cells.push(`${medianText(figures)}${isLimited ? ' *' : ''}`);
    cells.push(isPerMillion ? medianText(cpu, 3) : '');
  }
  for (const { name } of peers) {
    if (name !== OURS) cells.push(ratioText(of(OURS), of(name), figure));
  }
  return `| ${cells.join(' | ')} |`;
}

/** How many times better ours is, by rounds in which both have a figure. */
function ratioText(
  ours: readonly (Run | undefined)[],
  theirs: readonly (Run | undefined)[],
  figure: FigureName,
): string {
  const isMoreBetter = figureRow(figure).better === 'more';
  const ratios = ours.map((run, round) => {
    const [own, other] = [run?.figures[figure], theirs[round]?.figures[figure]];
    if (own === undefined || other === undefined) return undefined;
    return isMoreBetter ? own / other : other / own;
  });
  return medianText(ratios, 2);
}

function medianText(values: readonly (number | undefined)[], digits?: number): string {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  if (low === undefined || high === undefined) return '–';
  const median = (low + high) / 2;
  return digits === undefined || median >= 100 ? numberText(median) : median.toFixed(digits);
}

function renderTable(
  peers: readonly Peer[],
  lines: readonly string[],
  { load, rounds }: { readonly load: number; readonly rounds: number },
): string {
  const others = peers.filter(({ name }) => name !== OURS);
  const heads = [
    '',
    ...peers.flatMap(({ name }) => [`${name}, /s`, 'CPU s per million']),
    ...others.map(({ name }) => `${OURS} ÷ ${name}`),
  ];
  const [{ model } = { model: 'unknown CPU' }] = cpus();
  const versions = peers.map(({ name, version }) => `${name} ${version}`).join(', ');
  const pinned = IS_PINNED
    ? 'Each broker on one core, the load generator on another.'
    : 'Brokers and load generator share the cores: they could not be pinned.';
  return [
    '# Benchmarks',
    '',
    `${new Date().toISOString().slice(0, 10)}; ${machineText(model, availableParallelism())};`,
    `${versions}. Written by \`npm run bench\`, with \`mqttk bench\`.`,
    '',
    pinned,
    `All in turn, ${rounds === 1 ? '1 round' : `${rounds} rounds`}; medians; load of the machine before: ${load.toFixed(1)}.`,
    'Ratios are medians of those within one round, and say how many times better mqttk is. Rates do',
    'not travel from one machine to another; ratios nearly do.',
    '',
    `| ${heads.join(' | ')} |`,
    `|---|${'--:|'.repeat(heads.length - 1)}`,
    ...lines,
    '',
    '`*` the load generator was at its limit: the broker can do more.',
    ...(remarks.size === 0 ? [] : ['']),
    ...Array.from(remarks, ([where, remark]) => `- ${where}: ${remark}`),
    '',
  ].join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();

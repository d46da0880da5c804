import process from 'node:process';
import { parseArgs } from 'node:util';
import { renderFailure, runSimulations } from '../test/sim/run.ts';

/**
 * Simulates the broker under faults: `npm run sim -- [--seed N] [--steps M] [--seeds K]`. Without a
 * seed it takes a fresh one; with `--seeds K` it makes K runs, each from a fresh seed or from the
 * seeds that follow. The first failure is printed with its last events, and the exit code is 1.
 */
const STEPS = 200_000;
const SEED_MAX = 2 ** 31;
/** Far enough that the simulations of one run, which count their seeds up, are not those of another. */
const SEED_DISTANCE = 1_000_003;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: String(STEPS) },
    seeds: { type: 'string', default: '1' },
  },
});
const [steps, seeds] = [Number(values.steps), Number(values.seeds)];
const first = values.seed === undefined ? freshSeed() : Number(values.seed);
if ([steps, seeds, first].every((number) => Number.isInteger(number) && number >= 0)) run();
else {
  process.stderr.write('usage: npm run sim -- [--seed N] [--steps M] [--seeds K]\n');
  process.exitCode = 2;
}

function run(): void {
  const startMs = performance.now();
  for (let index = 0; index < seeds; index += 1) {
    const seed = (first + index * SEED_DISTANCE) % SEED_MAX;
    process.stdout.write(`seed ${seed}, ${steps} steps\n`);
    const failure = runSimulations(seed, steps);
    if (failure === undefined) continue;
    process.stdout.write(`${renderFailure(failure)}\n`);
    process.exitCode = 1;
    return;
  }
  const seconds = (performance.now() - startMs) / 1000;
  const rate = Math.round((steps * seeds) / seconds);
  process.stdout.write(`nothing found wrong; ${rate} steps/s\n`);
}

function freshSeed(): number {
  return Date.now() % SEED_MAX;
}

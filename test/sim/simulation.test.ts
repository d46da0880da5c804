import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { EPISODE_STEPS, renderFailure, runSimulations } from './run.ts';

const FIXED = 15;
const FRESH = 15;

function expectNothingFound(seed: number, episodes: number): void {
  const failure = runSimulations(seed, episodes * EPISODE_STEPS);
  expect.soft(failure && renderFailure(failure)).toBeUndefined();
}

it('finds nothing wrong with the broker under faults, from seeds that are always the same', () => {
  expectNothingFound(1, FIXED);
}, 60_000);

it('finds nothing wrong with the broker under faults, from fresh seeds', () => {
  expectNothingFound(randomInt(2 ** 30), FRESH);
}, 60_000);

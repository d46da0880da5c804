import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { EPISODE_STEPS, renderFailure, runSimulations } from './run.ts';

/**
 * Seeds with messages too large for a client that comes back, a long way to rest, DUPs that expire,
 * groups that get one text twice, and full queues as many deadlines pass at once.
 */
const ONCE_WRONG = [
  181_273_218, 182_112_296, 600_000_622, 600_000_976, 600_001_354, 600_001_762, 600_002_290,
];
const FIXED = 15;
const FRESH = 15;

function expectNothingFound(seed: number, episodes: number): void {
  const failure = runSimulations(seed, episodes * EPISODE_STEPS);
  expect.soft(failure && renderFailure(failure)).toBeUndefined();
}

it('finds nothing wrong with the broker under faults, from seeds that are always the same', () => {
  expectNothingFound(1, FIXED);
}, 60_000);

it('finds nothing wrong with the broker under faults, from seeds that have found something', () => {
  for (const seed of ONCE_WRONG) expectNothingFound(seed, 1);
}, 60_000);

it('finds nothing wrong with the broker under faults, from fresh seeds', () => {
  expectNothingFound(randomInt(2 ** 30), FRESH);
}, 60_000);

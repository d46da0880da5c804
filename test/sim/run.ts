import { endSimulation } from './ending.ts';
import { SimFailure, Simulation } from './simulation.ts';

/** So long is one simulation: a longer run is several, with seeds that follow one another. */
export const EPISODE_STEPS = 4_000;

/** What to tell of a run that failed. */
export interface Failure {
  readonly seed: number;
  readonly step: number;
  readonly what: string;
  readonly events: readonly string[];
  /** The command that does it again. */
  readonly replay: string;
}

/** Runs so many steps from a seed on; undefined if nothing was found wrong. */
export function runSimulations(seed: number, steps: number): Failure | undefined {
  for (let done = 0; done < steps; done += EPISODE_STEPS) {
    const count = Math.min(EPISODE_STEPS, steps - done);
    const failure = runOne(seed + done / EPISODE_STEPS, count);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function runOne(seed: number, steps: number): Failure | undefined {
  const simulation = new Simulation(seed);
  try {
    for (let step = 0; step < steps; step += 1) simulation.step();
    endSimulation(simulation);
    return undefined;
  } catch (error) {
    if (!(error instanceof SimFailure)) throw error;
    const { events, message: what, step } = error;
    const replay = `npm run sim -- --seed ${seed} --steps ${steps}`;
    return { seed, step, what, events, replay };
  }
}

/** A failure as text, for a person. */
export function renderFailure({ events, replay, seed, step, what }: Failure): string {
  return [`seed ${seed}, step ${step}: ${what}`, ...events, `again: ${replay}`].join('\n');
}

import { CallerError } from '../base/caller-error.ts';
import type { BenchSettings } from '../bench/bench-settings.ts';
import type { Figures } from '../bench/figures.ts';
import { findDifference, parseFormerResult } from '../bench/result-json.ts';
import type { Platform } from './platform.ts';

/** A former run to compare with, and how much worse the new one may be. */
export interface Baseline {
  readonly path: string;
  readonly figures: Figures;
  /** 0.1 for 10 %. */
  readonly tolerance: number;
}

const TOLERANCE = 0.1;

/**
 * Reads what `--json` has written in a former run.
 *
 * @throws CallerError file if it cannot be read, usage if it is no result, or one of another run.
 */
export async function readBaseline(
  {
    compare,
    tolerance,
  }: { readonly compare: string | undefined; readonly tolerance: number | undefined },
  settings: BenchSettings,
  platform: Pick<Platform, 'read'>,
): Promise<Baseline | undefined> {
  if (compare === undefined) {
    if (tolerance === undefined) return undefined;
    throw new CallerError('usage', '--tolerance means nothing without --compare', {
      remedy: 'name a former result with --compare',
    });
  }
  const former = parseFormerResult(String(await platform.read(compare)));
  if (former === undefined) {
    throw new CallerError('usage', `${compare} is no result of mqttk bench`, {
      remedy: `write one with "mqttk bench ${settings.scenario} --json > ${compare}"`,
    });
  }
  const difference = findDifference(former, settings);
  if (difference === undefined) {
    return { path: compare, figures: former.figures, tolerance: tolerance ?? TOLERANCE };
  }
  const { before, name, now } = difference;
  const shown = (value: unknown) => (value === undefined ? 'not given' : String(value));
  throw new CallerError('usage', `${compare} tells of another run`, {
    why: `${name} was ${shown(before)} there, and is ${shown(now)} now`,
    remedy: 'give the same options, or measure anew',
  });
}

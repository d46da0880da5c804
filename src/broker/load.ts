/** How well the event loop keeps up: with all, with those who are here, with nobody. */
export type Load = 'light' | 'heavy' | 'tooHeavy';

/** So late means that more clients would only make it worse. */
const HEAVY_MS = 200;
/** So late means that those who are here are not served properly. */
const TOO_HEAVY_MS = 1_000;

/** What a lag over the last second makes of the load; it goes down at half of where it goes up. */
export function nextLoad(load: Load, lagMs: number): Load {
  if (lagMs > (load === 'tooHeavy' ? TOO_HEAVY_MS / 2 : TOO_HEAVY_MS)) return 'tooHeavy';
  return lagMs > (load === 'light' ? HEAVY_MS : HEAVY_MS / 2) ? 'heavy' : 'light';
}

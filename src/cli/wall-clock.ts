import type { Platform } from './platform.ts';

/** How far the two clocks may part before the wall clock was set, or the machine has slept. */
const DRIFT_MS_MAX = 20;

/**
 * The wall clock in microseconds: that of the platform has milliseconds, so the clock that never
 * goes back gives the rest.
 */
export class WallClock {
  readonly #platform: Pick<Platform, 'date' | 'nowMs'>;
  /** What to add to the one clock to get the other. */
  #offsetMs: number;

  constructor(platform: Pick<Platform, 'date' | 'nowMs'>) {
    this.#platform = platform;
    this.#offsetMs = platform.date().getTime() - platform.nowMs();
  }

  /** Whole microseconds since 1970, at the moment `nowMs` of the other clock: now, that is. */
  atUs(nowMs: number): number {
    const wallMs = this.#platform.date().getTime();
    if (Math.abs(wallMs - nowMs - this.#offsetMs) > DRIFT_MS_MAX) this.#offsetMs = wallMs - nowMs;
    return Math.round((nowMs + this.#offsetMs) * 1000);
  }
}

import type { Cancel, Platform } from './platform.ts';

/** How often the event loop is asked whether it is in time. */
const TICK_MS = 50;
/** Over how long it is judged, at least. */
const WINDOW_MS = 1_000;

/**
 * Tells about each second how late the event loop was over it: what somebody who comes at any
 * moment has to wait, so that one long turn counts for more than many short ones.
 */
export function watchLoopLag(
  platform: Pick<Platform, 'nowMs' | 'setAlarm'>,
  onLag: (lagMs: number) => void,
): Cancel {
  let startMs = platform.nowMs();
  let lastMs = startMs;
  let weighed = 0;
  const tick = (): void => {
    const nowMs = platform.nowMs();
    const turnMs = nowMs - lastMs;
    lastMs = nowMs;
    weighed += turnMs * Math.max(0, turnMs - TICK_MS);
    if (nowMs - startMs >= WINDOW_MS) {
      const lagMs = weighed / (nowMs - startMs);
      startMs = nowMs;
      weighed = 0;
      onLag(lagMs);
    }
    cancel = platform.setAlarm(nowMs + TICK_MS, tick);
  };
  let cancel = platform.setAlarm(startMs + TICK_MS, tick);
  return () => cancel();
}

import type { Cancel } from './platform.ts';

/** The most that a timer of Node bears; beyond it fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Calls `onDue` once when the clock has reached `atMs`, never from within this call. Waits far
 * beyond what one timer bears, in steps; a timer that fires a little early is set again.
 */
export function setAlarm(nowMs: () => number, atMs: number, onDue: () => void): Cancel {
  const wait = () => setTimeout(onTimer, Math.min(Math.max(atMs - nowMs(), 0), TIMER_MS_MAX));
  const onTimer = () => {
    if (nowMs() >= atMs) onDue();
    else timer = wait();
  };
  let timer = wait();
  return () => clearTimeout(timer);
}

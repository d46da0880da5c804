import { expect, it } from 'vitest';
import { watchLoopLag } from '../../src/cli/loop-lag.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

/** What is told of an event loop whose turns take so long, one after the other. */
function lags(...turnsMs: readonly number[]): number[] {
  let nowMs = 0;
  let onDue: (() => void) | undefined;
  const platform = {
    nowMs: () => nowMs,
    setAlarm: (_atMs: number, callback: () => void) => {
      onDue = callback;
      return () => {
        onDue = undefined;
      };
    },
  };
  const told: number[] = [];
  watchLoopLag(platform, (lagMs) => told.push(Math.round(lagMs)));
  for (const turnMs of turnsMs) {
    nowMs += turnMs;
    onDue?.();
  }
  return told;
}

it('tells each second how late it was', () => {
  expect(lags(...Array.from({ length: 45 }, () => 50))).toEqual([0, 0]);
  expect(lags(...Array.from({ length: 8 }, () => 250))).toEqual([200, 200]);
});

it('forgives one turn of a quarter of a second, and not one that takes all of it', () => {
  const usual = Array.from({ length: 15 }, () => 50);
  expect(lags(...usual, 250)).toEqual([50]);
  expect(lags(1_500)).toEqual([1_450]);
});

it('goes on until it is cancelled', () => {
  const platform = new RecordedPlatform();
  const told: number[] = [];
  const cancel = watchLoopLag(platform, (lagMs) => told.push(lagMs));
  platform.advanceTo(3_500);
  expect(told).toEqual([0, 0, 0]);
  cancel();
  platform.advanceTo(10_000);
  expect(told).toHaveLength(3);
});

import { expect, it } from 'vitest';
import { progressText, showProgress } from '../../src/cli/publish-progress.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const TALLY = {
  sentCount: 1224,
  doneCount: 1204,
  lostCount: 0,
  hasQos0: false,
  hasWorkLeft: true,
  inFlightCount: 20,
};

it('tells how many, how fast, and what is on its way', () => {
  expect(progressText(TALLY, 400)).toBe('published 1,204 · 3,010 msg/s · 20 in flight');
  expect(progressText(TALLY, 0)).toBe('published 1,204 · 0 msg/s · 20 in flight');
});

it('is a line each 5 s where nobody watches, until it is stopped', () => {
  const platform = new RecordedPlatform();
  const stop = showProgress(() => TALLY, platform);
  platform.advanceTo(4999);
  expect(platform.warned).toEqual([]);
  platform.advanceTo(10_000);
  expect(platform.warned).toEqual([
    'published 1,204 · 241 msg/s · 20 in flight',
    'published 1,204 · 120 msg/s · 20 in flight',
  ]);
  stop();
  platform.advanceTo(60_000);
  expect(platform.warned).toHaveLength(2);
});

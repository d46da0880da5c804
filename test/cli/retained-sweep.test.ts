import { expect, it } from 'vitest';
import { RetainedSweep } from '../../src/cli/retained-sweep.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

function sweep() {
  const platform = new RecordedPlatform();
  let settledCount = 0;
  const pings: (() => void)[] = [];
  const connection = { isOver: false, ping: (done: () => void) => pings.push(done) };
  const of = new RetainedSweep(200, platform, () => {
    settledCount += 1;
  });
  return { connection, of, pings, platform, settled: () => settledCount };
}

it('waits for the answer to a ping, and then as long as messages come', () => {
  const { connection, of, pings, platform, settled } = sweep();
  of.onSubscribed(connection);
  of.onRetained();
  platform.advanceTo(5000);
  expect(settled()).toBe(0);
  pings[0]?.();
  platform.advanceTo(5199);
  of.onRetained();
  platform.advanceTo(5398);
  expect(settled()).toBe(0);
  platform.advanceTo(5399);
  expect(settled()).toBe(1);
});

it('asks nothing of a connection that is over, and is silent once it is stopped', () => {
  const { connection, of, pings, platform, settled } = sweep();
  of.onSubscribed({ ...connection, isOver: true });
  expect(pings).toEqual([]);
  of.onSubscribed(connection);
  pings[0]?.();
  of.stop();
  platform.advanceTo(5000);
  expect(settled()).toBe(0);
});

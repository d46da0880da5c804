import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { withinOpenFiles } from '../../src/cli/open-files.ts';

it.each([
  [undefined, 10_000, 512],
  [1_048_576, 10_000, 512],
  [10_576, 10_000, 512],
  [10_575, 10_000, 511],
  [10_127, 9_999, 64],
  [1_024, 896, 64],
  [256, 128, 64],
  [100, 1, 35],
  [10, 1, 1],
])('with %s open files takes %i clients and %i to be', (openFilesMax, clients, pending) => {
  const { connectionsMax, pendingMax } = withinOpenFiles(brokerConfig(), openFilesMax);
  expect([connectionsMax, pendingMax]).toEqual([clients, pending]);
});

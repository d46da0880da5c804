import { expect, it } from 'vitest';
import { pairQos } from '../../src/cli/qos-pairing.ts';

it.each([
  [2, [1, 2], [1, 2]],
  [2, [1], [1, 1]],
  [2, [0, 1, 2], [2, 2]],
  [2, [], [0, 0]],
  [1, [2], [2]],
] as const)('gives %i topics, with -q %j, the QoS %j', (count, qualities, expected) => {
  expect(pairQos(count, qualities)).toEqual(expected);
});

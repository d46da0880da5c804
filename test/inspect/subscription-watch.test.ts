import { expect, it } from 'vitest';
import { OPEN5, track } from '../support/track-text.ts';

it('keeps what is granted, until it is given up', () => {
  const two = '> 820b 0001 00 0001 61 01 0001 62 01';
  const suback = '< 9005 0001 00 01 87';
  const subscribed = track([...OPEN5, two, suback]).report;
  expect(subscribed.connections.items[0]?.subscriptions).toEqual([['a', 1]]);
  const leave = ['> a206 0001 00 0001 61', '< b004 0001 00 00'];
  expect(
    track([...OPEN5, two, suback, ...leave]).report.connections.items[0]?.subscriptions,
  ).toEqual([]);
});

import { expect, it } from 'vitest';
import { isShown, parsePacketNames } from '../../src/cli/decode-filter.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { track } from '../support/track-text.ts';

const { packets } = track([
  '> 100e00044d5154540502003c00000174',
  '< 2006000003220005',
  '> 300a 0003 612f62 03 230003 31',
  '> 3007 0000 03 230003 32',
  '> 3004 0001 23 00',
  '< d000 /2',
  '> 0000',
]);
const ALL = { only: undefined, stream: undefined, grep: undefined, errors: undefined };

function shown(selection: Partial<Parameters<typeof isShown>[1]>): number[] {
  return packets
    .filter((packet) => isShown(packet, { ...ALL, ...selection }))
    .map(({ number }) => number);
}

it('shows all packets, or those of some types', () => {
  expect(shown({})).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(shown({ only: parsePacketNames('connect, PINGRESP', '--only') })).toEqual([1, 6]);
});

it('names the types that there are', () => {
  expect(() => parsePacketNames('publish,pub', '--only')).toThrow('--only cannot be "publish,pub"');
});

it('shows those of a stream, and those with findings', () => {
  expect(shown({ stream: 2 })).toEqual([6]);
  expect(shown({ errors: true })).toEqual([5, 7]);
});

it('shows those about a topic, by its alias too', () => {
  expect(shown({ grep: parseTopicFilter('a/+') })).toEqual([3, 4]);
  expect(shown({ grep: parseTopicFilter('#') })).toEqual([3, 4]);
});

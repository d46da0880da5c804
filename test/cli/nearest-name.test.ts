import { expect, it } from 'vitest';
import { findNearestName } from '../../src/cli/nearest-name.ts';

const NAMES = ['retain', 'repeat', 'topic', 'tls', 'message'];

it.each([
  ['retian', 'retain', 'two letters swapped'],
  ['retan', 'retain', 'a letter dropped'],
  ['toppic', 'topic', 'a letter too many'],
  ['massage', 'message', 'a letter changed'],
  ['repaet', 'repeat', 'the nearer of two'],
  ['mes', 'message', 'a beginning'],
  ['topicname', 'topic', 'a name with more behind it'],
])('finds what %s was meant to be: %s (%s)', (typed, meant) => {
  expect(findNearestName(typed, NAMES)).toBe(meant);
});

it.each(['wombat', 'x', '', 'tpc', 'me', 're'])('likens %j to nothing', (typed) => {
  expect(findNearestName(typed, NAMES)).toBeUndefined();
});

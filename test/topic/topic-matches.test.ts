import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTopicFilter } from '../../src/topic/topic-filter.ts';
import { topicMatches } from '../../src/topic/topic-matches.ts';
import { toTopicName } from '../../src/topic/topic-name.ts';
import { MATCHES, MISMATCHES } from '../support/match-examples.ts';
import { naiveMatches } from '../support/naive-matcher.ts';
import { topicFilters, topicNames } from '../support/topic-arbitraries.ts';

function matches(filter: string, topic: string): boolean {
  return topicMatches(toTopicFilter(filter), toTopicName(topic));
}

describe.each([
  ['topicMatches', matches],
  ['the naive matcher', naiveMatches],
])('%s', (_name, subject) => {
  it.each(MATCHES)('matches %j with %j %s', (filter, topic) => {
    expect(subject(filter, topic)).toBe(true);
  });

  it.each(MISMATCHES)('does not match %j with %j %s', (filter, topic) => {
    expect(subject(filter, topic)).toBe(false);
  });
});

it('agrees with the naive matcher [MQTT-3.3.2-3] [311:3.3.2-3]', () => {
  fc.assert(
    fc.property(topicFilters, topicNames, (filter, topic) => {
      expect(topicMatches(filter, topic)).toBe(naiveMatches(filter, topic));
    }),
    { numRuns: 10_000 },
  );
});

it('bears as many levels as a text can have', () => {
  const topic = '/'.repeat(65_535);
  expect(matches(topic, topic)).toBe(true);
  expect(matches(`${topic.slice(1)}#`, topic)).toBe(true);
  expect(matches(`${topic.slice(1)}a`, topic)).toBe(false);
});

import { expect, it } from 'vitest';
import { plainWords, snakeCase } from '../../src/inspect/plain-words.ts';

it('writes names of the codec as words', () => {
  expect(plainWords('packetId is 0, not CONNACK')).toBe('packet id is 0, not CONNACK');
  expect(plainWords('willQos is 3')).toBe('will QoS is 3');
});

it('writes them in snake case for programs', () => {
  expect(snakeCase('filters[0].topicFilter')).toBe('filters[0].topic_filter');
});

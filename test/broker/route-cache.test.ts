import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CachedTopic, RouteCache } from '../../src/broker/route-cache.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { topicMatches } from '../../src/topic/topic-matches.ts';
import { parseTopicName, type TopicName } from '../../src/topic/topic-name.ts';
import { plentyOfMemory } from '../support/memory.ts';
import { topicFilters, topicNames } from '../support/topic-arbitraries.ts';

/** As many subscribers as there is room for. */
const MANY = 3_145_680;

/** A topic, and something that is known of it. */
class Known extends CachedTopic {
  readonly route: string;

  constructor(topic: string, route = `to ${topic}`) {
    super(parseTopicName(topic));
    this.route = route;
  }
}

function find(cache: RouteCache<Known>, topic: string): string | undefined {
  const bytes = Buffer.from(`##${topic}##`);
  return cache.find(bytes, 2, bytes.length - 2)?.route;
}

function cacheOf(...topics: string[]): RouteCache<Known> {
  const cache = new RouteCache<Known>(plentyOfMemory());
  for (const topic of topics) cache.add(new Known(topic), 1);
  return cache;
}

/** Those of the cached topics that outlive a change of this filter. */
function survivors(topics: readonly string[], filter: string): string[] {
  const cache = cacheOf(...topics);
  cache.onChange(parseTopicFilter(filter));
  return topics.filter((topic) => find(cache, topic) !== undefined);
}

it('finds a topic by its bytes', () => {
  const cache = cacheOf('a/b', 'ä', 'Ã¤');
  expect(['a/b', 'ä', 'Ã¤', 'a'].map((topic) => find(cache, topic))).toEqual([
    'to a/b',
    'to ä',
    'to Ã¤',
    undefined,
  ]);
});

it('gives the bytes of a topic, and its name', () => {
  const cache = cacheOf('ä/b');
  const bytes = Buffer.from('ä/b');
  const cached = cache.find(bytes, 0, bytes.length);
  expect([cached?.topicName, cached?.topicBytes.equals(bytes)]).toEqual(['ä/b', true]);
});

describe('a change of subscriptions', () => {
  const TOPICS = ['a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/x', 'b', '/a', '$SYS/a'];

  it('of a filter without wildcards concerns one topic', () => {
    expect(survivors(TOPICS, 'a/b')).toEqual(TOPICS.filter((topic) => topic !== 'a/b'));
    expect(survivors(TOPICS, 'z')).toEqual(TOPICS);
  });

  it('of another one concerns those with the levels before its wildcard', () => {
    expect(survivors(TOPICS, 'a/b/#')).toEqual(['a', 'a/x', 'b', '/a', '$SYS/a']);
    expect(survivors(TOPICS, 'a/+/c')).toEqual(['a', 'b', '/a', '$SYS/a']);
    expect(survivors(TOPICS, '/+')).toEqual(TOPICS.filter((topic) => topic !== '/a'));
    expect(survivors(TOPICS, 'z/#')).toEqual(TOPICS);
    expect(survivors(TOPICS, '#')).toEqual([]);
  });

  it('is heard of by those who still hold what was known', () => {
    const cache = cacheOf('a/b');
    const held = cache.find(Buffer.from('a/b'), 0, 3);
    expect(held?.isCurrent).toBe(true);
    cache.onChange(parseTopicFilter('a/b'));
    expect(held?.isCurrent).toBe(false);
    cache.add(new Known('a/b', 'anew'), 1);
    expect([held?.isCurrent, find(cache, 'a/b')]).toEqual([false, 'anew']);
  });

  it('is told from one that concerns others, before and after it', () => {
    const cache = cacheOf('a/b', 'c/d');
    const held = cache.find(Buffer.from('a/b'), 0, 3);
    for (const filter of ['c/#', 'c/d', 'x']) cache.onChange(parseTopicFilter(filter));
    expect(held?.isCurrent).toBe(true);
    for (const filter of ['c/#', 'a/+', 'c/d']) cache.onChange(parseTopicFilter(filter));
    expect([held?.isCurrent, held?.isCurrent]).toEqual([false, false]);
  });

  it('leaves nothing in the cache that it concerns', () => {
    fc.assert(
      fc.property(fc.array(topicNames), topicFilters, (topics, filter) => {
        const left = survivors(topics, filter);
        const wrong = left.filter((topic) => topicMatches(filter, topic as TopicName));
        expect(wrong).toEqual([]);
      }),
    );
  });
});

it('starts over when it holds too much, and then what is held elsewhere is old', () => {
  const cache = cacheOf('a');
  const held = cache.find(Buffer.from('a'), 0, 1);
  cache.add(new Known('b', 'many'), MANY);
  expect([find(cache, 'a'), find(cache, 'b'), held?.isCurrent]).toEqual([undefined, 'many', false]);
  for (let n = 0; n < 100_000; n += 1) cache.add(new Known(`t/${n}`, 'x'), 0);
  expect(cache.size).toBeLessThan(80_000);
  expect(find(cache, 't/99999')).toBe('x');
});

it('tells what it takes, and gives back', () => {
  const account = plentyOfMemory();
  const cache = new RouteCache<Known>(account);
  cache.add(new Known('a'), 1);
  expect(account.bytes).toBe(cache.bytes);
  const { bytes } = cache;
  cache.add(new Known('b'), MANY);
  cache.add(new Known('a'), 1);
  expect([cache.bytes, account.bytes]).toEqual([bytes, bytes]);
});

it('counts a topic once, however often it is learned anew', () => {
  const account = plentyOfMemory();
  const cache = new RouteCache<Known>(account);
  cache.add(new Known('a'), 1);
  const { bytes } = cache;
  for (const subscribers of [2, 3, 1]) {
    cache.onChange(parseTopicFilter('a'));
    cache.add(new Known('a'), subscribers);
  }
  expect([cache.size, cache.bytes, account.bytes]).toEqual([1, bytes, bytes]);
});

it('takes no topic of any length', () => {
  expect(() => cacheOf('x'.repeat(257))).toThrow('keep long topics out');
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetainedTrie } from '../../src/topic/retained-trie.ts';
import { toTopicFilter } from '../../src/topic/topic-filter.ts';
import { type TopicName, toTopicName } from '../../src/topic/topic-name.ts';
import { MATCHES, MISMATCHES } from '../support/match-examples.ts';
import { naiveMatches } from '../support/naive-matcher.ts';
import { topicFilters, topicNames } from '../support/topic-arbitraries.ts';

interface Message {
  readonly topic: TopicName;
  readonly payload: number;
}

function trieOf(...topics: string[]): RetainedTrie<Message> {
  const trie = new RetainedTrie<Message>();
  for (const topic of topics) put(trie, topic);
  return trie;
}

function put(trie: RetainedTrie<Message>, text: string, payload = 0): Message | undefined {
  const topic = toTopicName(text);
  return trie.set(topic, { topic, payload });
}

/** The topics of what is left to pull, in the order of their text. */
function rest(matches: Iterable<Message | undefined>): string[] {
  return [...matches].flatMap((message) => (message === undefined ? [] : [message.topic])).sort();
}

function found(trie: RetainedTrie<Message>, filter: string): string[] {
  return rest(trie.matches(toTopicFilter(filter)));
}

describe('matching', () => {
  it.each(MATCHES)('finds by %j the topic %j %s', (filter, topic) => {
    expect(found(trieOf(topic), filter)).toEqual([topic]);
  });

  it.each(MISMATCHES)('does not find by %j the topic %j %s', (filter, topic) => {
    expect(found(trieOf(topic), filter)).toEqual([]);
  });

  it('finds nothing above or below what a filter names', () => {
    const trie = trieOf('a', 'a/b', 'a/b/c', 'a/c', '$a/b');
    expect(found(trie, 'a/b')).toEqual(['a/b']);
    expect(found(trie, 'a/+')).toEqual(['a/b', 'a/c']);
    expect(found(trie, '+/b/#')).toEqual(['a/b', 'a/b/c']);
    expect(found(trie, '#')).toEqual(['a', 'a/b', 'a/b/c', 'a/c']);
  });

  it('bears as many levels as a text can have', () => {
    const topic = '/'.repeat(65_535);
    const trie = trieOf(topic);
    for (const filter of ['#', topic, `${'+/'.repeat(32_767)}#`]) {
      expect(found(trie, filter)).toEqual([topic]);
    }
    trie.delete(toTopicName(topic));
    expect(trie.nodeCount).toBe(0);
  });
});

describe('keeping', () => {
  it('holds one value per topic and gives the one before [MQTT-3.3.1-5] [311:3.3.1-5]', () => {
    const trie = trieOf('a');
    expect(put(trie, 'a', 1)).toMatchObject({ payload: 0 });
    expect(trie.get(toTopicName('a'))).toMatchObject({ payload: 1 });
    expect(trie.size).toBe(1);
  });

  it('deletes exactly the topic that is named', () => {
    const trie = trieOf('a/b', 'a');
    for (const topic of ['b', 'a/', '/a', 'a/b/c', '__proto__']) {
      expect(trie.delete(toTopicName(topic))).toBeUndefined();
    }
    expect(trie.delete(toTopicName('a'))).toMatchObject({ topic: 'a' });
    expect(trie.delete(toTopicName('a'))).toBeUndefined();
    expect(trie.get(toTopicName('a'))).toBeUndefined();
    expect(trie.get(toTopicName('a/b'))).toMatchObject({ topic: 'a/b' });
    expect([trie.size, trie.nodeCount]).toEqual([1, 2]);
  });

  it('has no value for the levels on the way', () => {
    const trie = trieOf('a/b');
    expect(trie.delete(toTopicName('a'))).toBeUndefined();
    expect(trie.size).toBe(1);
    expect(found(trie, 'a')).toEqual([]);
  });
});

describe('pulling', () => {
  it('looks no further than it is asked to', () => {
    const trie = trieOf('a/1', 'a/2', 'a/3');
    const matches = trie.matches(toTopicFilter('a/+'));
    expect(matches.next().value).toMatchObject({ topic: 'a/1' });
    trie.delete(toTopicName('a/2'));
    put(trie, 'a/3', 9);
    expect(matches.next().value).toMatchObject({ topic: 'a/3', payload: 9 });
    expect(matches.next().done).toBe(true);
  });

  it('goes on below a topic that is deleted while it is given', () => {
    const trie = trieOf('a', 'a/b', 'c');
    const matches = trie.matches(toTopicFilter('#'));
    expect(matches.next().value).toMatchObject({ topic: 'a' });
    trie.delete(toTopicName('a'));
    expect(rest(matches)).toEqual(['a/b', 'c']);
  });

  it.each(['+/x', '#'])('pauses now and then while %j matches nothing', (filter) => {
    const trie = new RetainedTrie<Message>();
    for (let i = 0; i < 10_000; i += 1) put(trie, `$${i}`);
    const given = [...trie.matches(toTopicFilter(filter))];
    expect(given).toEqual(Array.from({ length: 10 }, () => undefined));
  });
});

const change = fc.record({ isSet: fc.boolean(), topic: topicNames, payload: fc.nat(1000) });

function apply(
  trie: RetainedTrie<Message>,
  { isSet, topic, payload }: Message & { isSet: boolean },
) {
  return isSet ? trie.set(topic, { topic, payload }) : trie.delete(topic);
}

it('agrees with the naive matcher, whatever comes and goes [MQTT-3.3.2-3] [311:3.3.2-3]', () => {
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(topicFilters, { minLength: 10, maxLength: 10 }),
      (changes, filters) => {
        const trie = new RetainedTrie<Message>();
        const model = new Map<TopicName, Message>();
        for (const step of changes) {
          expect(apply(trie, step)).toEqual(model.get(step.topic));
          if (step.isSet) model.set(step.topic, { topic: step.topic, payload: step.payload });
          else model.delete(step.topic);
        }
        expect(trie.size).toBe(model.size);
        for (const filter of filters) {
          const topics = [...model.keys()].filter((topic) => naiveMatches(filter, topic)).sort();
          expect(found(trie, filter)).toEqual(topics);
          matched += topics.length;
        }
        for (const [topic, message] of model) expect(trie.delete(topic)).toEqual(message);
        expect([trie.size, trie.nodeCount]).toEqual([0, 0]);
      },
    ),
    { numRuns: 1000 },
  );
  expect(matched).toBeGreaterThan(1000);
});

it('gives what stays exactly once, and nothing that is gone, though all else changes', () => {
  const steps = fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 30 });
  const starts = fc.uniqueArray(topicNames, { minLength: 10, maxLength: 40 });
  fc.assert(
    fc.property(starts, topicFilters, steps, (topics, filter, changesByPull) => {
      const trie = trieOf(...topics);
      const touched = new Set<string>();
      const given: string[] = [];
      const matches = trie.matches(filter);
      for (const changes of [...changesByPull, ...Array.from({ length: 200 }, () => [])]) {
        const { value } = matches.next();
        if (value !== undefined) {
          expect(trie.get(value.topic)).toBe(value);
          expect(naiveMatches(filter, value.topic)).toBe(true);
          given.push(value.topic);
        }
        for (const step of changes) {
          if (!step.isSet) touched.add(step.topic);
          apply(trie, step);
        }
      }
      expect(matches.next().done).toBe(true);
      const stayed = topics.filter((topic) => !touched.has(topic) && naiveMatches(filter, topic));
      for (const topic of stayed) expect(given.filter((one) => one === topic)).toEqual([topic]);
    }),
    { numRuns: 2000 },
  );
});

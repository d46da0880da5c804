import { expect, it } from 'vitest';
import { RetainedTrie } from '../../src/topic/retained-trie.ts';
import { parseSubscriptionTarget } from '../../src/topic/subscription-target.ts';
import { SubscriptionTrie } from '../../src/topic/subscription-trie.ts';
import { toTopicFilter } from '../../src/topic/topic-filter.ts';
import { toTopicName } from '../../src/topic/topic-name.ts';

const ENTRIES = 1_000_000;
const PATIENCE_MS = 60_000;

it(
  'finds one subscription among a million, and keeps nothing of those that end',
  () => {
    const trie = new SubscriptionTrie<object, number>();
    const target = (n: number) => parseSubscriptionTarget(`site/${n % 1000}/+/${n}`);
    const subscriber = {};
    for (let n = 0; n < ENTRIES; n += 1) trie.add(target(n), subscriber, n);
    const found: number[] = [];
    const visitor = {
      onSubscription: (_subscriber: object, n: number) => found.push(n),
      onSharedGroup() {},
    };
    trie.match(toTopicName('site/456/x/123456'), visitor);
    expect(found).toEqual([123_456]);
    expect(trie.size).toBe(ENTRIES);
    for (let n = 0; n < ENTRIES; n += 1) trie.remove(target(n), subscriber);
    expect([trie.size, trie.nodeCount]).toEqual([0, 0]);
  },
  PATIENCE_MS,
);

it(
  'finds one retained message among a million, and keeps nothing of those that go',
  () => {
    const trie = new RetainedTrie<{ readonly n: number }>();
    const topic = (n: number) => toTopicName(`devices/${n}/state`);
    for (let n = 0; n < ENTRIES; n += 1) trie.set(topic(n), { n });
    expect([...trie.matches(toTopicFilter('+/123456/#'))].filter(Boolean)).toEqual([
      { n: 123_456 },
    ]);
    let count = 0;
    for (const value of trie.matches(toTopicFilter('devices/+/state'))) count += value ? 1 : 0;
    expect(count).toBe(ENTRIES);
    for (let n = 0; n < ENTRIES; n += 1) trie.delete(topic(n));
    expect([trie.size, trie.nodeCount]).toEqual([0, 0]);
  },
  PATIENCE_MS,
);

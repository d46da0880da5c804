import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubscriptionTarget } from '../../src/topic/subscription-target.ts';
import { parseSubscriptionTarget } from '../../src/topic/subscription-target.ts';
import { type SharedGroup, SubscriptionTrie } from '../../src/topic/subscription-trie.ts';
import { toTopicName } from '../../src/topic/topic-name.ts';
import { MATCHES, MISMATCHES } from '../support/match-examples.ts';
import { naiveMatches } from '../support/naive-matcher.ts';
import { topicFilters, topicNames } from '../support/topic-arbitraries.ts';

interface Client {
  readonly name: string;
}
type Trie = SubscriptionTrie<Client, number>;

const ANN: Client = { name: 'ann' };
const BOB: Client = { name: 'bob' };
const CY: Client = { name: 'cy' };

/** Lines such as `ann 1` and `$share/g/a: ann 1, bob 2`, sorted. */
function found(trie: Trie, topic: string): string[] {
  const lines: string[] = [];
  trie.match(toTopicName(topic), {
    onSubscription: (client, options) => lines.push(`${client.name} ${options}`),
    onSharedGroup: ({ shareName, filter, members }) => {
      const shown = [...members].map(([client, options]) => `${client.name} ${options}`).sort();
      lines.push(`$share/${shareName}/${filter}: ${shown.join(', ')}`);
    },
  });
  return lines.sort();
}

function subscribe(trie: Trie, text: string, client: Client, options: number): string {
  return trie.add(parseSubscriptionTarget(text), client, options);
}

function unsubscribe(trie: Trie, text: string, client: Client): string {
  return trie.remove(parseSubscriptionTarget(text), client);
}

function trieOf(...filters: string[]): Trie {
  const trie: Trie = new SubscriptionTrie();
  for (const [index, filter] of filters.entries()) subscribe(trie, filter, ANN, index);
  return trie;
}

describe('matching', () => {
  it.each(MATCHES)('finds %j for %j %s', (filter, topic) => {
    expect(found(trieOf(filter), topic)).toEqual(['ann 0']);
  });

  it.each(MISMATCHES)('does not find %j for %j %s', (filter, topic) => {
    expect(found(trieOf(filter), topic)).toEqual([]);
  });

  it('shows each matching subscription of one client with its own options', () => {
    const trie = trieOf('a/b', 'a/+', 'a/b/#', '#', '+/+', 'a');
    expect(found(trie, 'a/b')).toEqual(['ann 0', 'ann 1', 'ann 2', 'ann 3', 'ann 4']);
  });

  it('hides topics with $ from leading wildcards of groups, too [MQTT-4.7.2-1]', () => {
    const trie = trieOf('$share/g/#', '$share/g/+/a', '$share/g/$SYS/a');
    expect(found(trie, '$SYS/a')).toEqual(['$share/g/$SYS/a: ann 2']);
  });

  it('takes a topic that begins with $share for a topic', () => {
    const trie = trieOf('$share/g/a', '$share/g/$share/g/a');
    expect(found(trie, '$share/g/a')).toEqual(['$share/g/$share/g/a: ann 1']);
  });

  it('bears as many levels as a text can have', () => {
    const topic = '/'.repeat(65_535);
    const trie = trieOf(topic, `${topic.slice(1)}#`, '+/'.repeat(32_767), '#');
    expect(found(trie, topic)).toEqual(['ann 0', 'ann 1', 'ann 3']);
    for (const filter of [topic, `${topic.slice(1)}#`, '+/'.repeat(32_767), '#']) {
      expect(unsubscribe(trie, filter, ANN)).toBe('last');
    }
    expect(trie.nodeCount).toBe(0);
  });

  it('finds no more in it than was put there', () => {
    for (const topic of ['__proto__', 'constructor', 'a/__proto__', 'a/toString']) {
      expect(found(trieOf('a'), topic)).toEqual([]);
    }
  });
});

describe('subscribing', () => {
  it('replaces the options of the same client and filter [MQTT-3.8.4-3] [311:3.8.4-3]', () => {
    const trie = trieOf('a');
    expect(subscribe(trie, 'a', ANN, 7)).toBe('replaced');
    expect(found(trie, 'a')).toEqual(['ann 7']);
    expect(trie.size).toBe(1);
  });

  it('says who was the first and who is the last with a filter', () => {
    const trie: Trie = new SubscriptionTrie();
    expect(subscribe(trie, 'a', ANN, 1)).toBe('first');
    expect(subscribe(trie, 'a', BOB, 1)).toBe('another');
    expect(subscribe(trie, '$share/g/a', BOB, 1)).toBe('first');
    expect(unsubscribe(trie, 'a', ANN)).toBe('oneOfSeveral');
    expect(unsubscribe(trie, 'a', BOB)).toBe('last');
    expect(unsubscribe(trie, '$share/g/a', BOB)).toBe('last');
  });

  it('removes exactly the filter that is named [MQTT-3.10.4-1] [311:3.10.4-1]', () => {
    const trie = trieOf('a/b', 'a/+', '$share/g/a/b');
    for (const filter of ['#', 'a/#', 'a', 'a/b/', '+/b', '$share/h/a/b', '$share/g/a/+']) {
      expect(unsubscribe(trie, filter, ANN)).toBe('absent');
    }
    expect(unsubscribe(trie, 'a/b', BOB)).toBe('absent');
    expect(unsubscribe(trie, 'a/b', ANN)).toBe('last');
    expect(found(trie, 'a/b')).toEqual(['$share/g/a/b: ann 2', 'ann 1']);
  });

  it('leaves nothing behind', () => {
    const filters = ['a/b/c', '+/b', '#', '$share/g/a/#', '$share/h/a/#', '/'];
    const trie = trieOf(...filters);
    expect([trie.size, trie.sharedSize]).toEqual([6, 2]);
    for (const filter of filters) expect(unsubscribe(trie, filter, ANN)).toBe('last');
    expect([trie.size, trie.sharedSize, trie.nodeCount]).toEqual([0, 0, 0]);
  });
});

describe('shared groups', () => {
  it('are shown once each, with all members [MQTT-4.8.2-1] [MQTT-4.8.2-2]', () => {
    const trie = trieOf('$share/g/a/#', '$share/h/a/#', '$share/g/a/+', 'a/b');
    subscribe(trie, '$share/g/a/#', BOB, 8);
    expect(found(trie, 'a/b')).toEqual([
      '$share/g/a/#: ann 0, bob 8',
      '$share/g/a/+: ann 2',
      '$share/h/a/#: ann 1',
      'ann 3',
    ]);
  });

  it('stay the same object for as long as they have members', () => {
    const groups: SharedGroup<Client, number>[] = [];
    const visitor = {
      onSubscription: () => expect.fail('nobody has a plain subscription'),
      onSharedGroup: (group: SharedGroup<Client, number>) => groups.push(group),
    };
    const trie = trieOf('$share/g/a');
    trie.match(toTopicName('a'), visitor);
    subscribe(trie, '$share/g/a', BOB, 1);
    unsubscribe(trie, '$share/g/a', ANN);
    trie.match(toTopicName('a'), visitor);
    expect(groups[1]).toBe(groups[0]);
    expect([...(groups[1]?.members ?? [])]).toEqual([[BOB, 1]]);
  });
});

it('lets no visitor change it, and recovers from one that fails', () => {
  const trie = trieOf('a');
  const visitor = {
    onSubscription: (client: Client) => unsubscribe(trie, 'a', client),
    onSharedGroup: () => expect.fail('there is no group'),
  };
  expect(() => trie.match(toTopicName('a'), visitor)).toThrow('nobody unsubscribes');
  const adder = { ...visitor, onSubscription: () => subscribe(trie, 'b', BOB, 1) };
  expect(() => trie.match(toTopicName('a'), adder)).toThrow('nobody subscribes');
  expect(unsubscribe(trie, 'a', ANN)).toBe('last');
});

const change = fc.record({
  isAdd: fc.boolean(),
  filter: topicFilters,
  shareName: fc.constantFrom(undefined, undefined, 'g', '__proto__'),
  client: fc.constantFrom(ANN, BOB, CY),
  options: fc.nat(),
});
type Change = typeof change extends fc.Arbitrary<infer Item> ? Item : never;

/** What is subscribed to, in the plainest form: options by target and client. */
class Model {
  readonly #options = new Map<string, Change>();

  apply(step: Change): string {
    const { isAdd, filter, shareName, client } = step;
    const key = JSON.stringify([filter, shareName, client.name]);
    const had = this.#options.delete(key);
    if (isAdd) this.#options.set(key, step);
    const others = [...this.#options.values()].filter(
      (other) => other.filter === filter && other.shareName === shareName && other !== step,
    );
    if (isAdd && had) return 'replaced';
    if (!isAdd && !had) return 'absent';
    if (isAdd) return others.length > 0 ? 'another' : 'first';
    return others.length > 0 ? 'oneOfSeveral' : 'last';
  }

  all(): Change[] {
    return [...this.#options.values()];
  }

  found(topic: string): string[] {
    const lines: string[] = [];
    const groups = new Map<string, string[]>();
    for (const { filter, shareName, client, options } of this.#options.values()) {
      if (!naiveMatches(filter, topic)) continue;
      const line = `${client.name} ${options}`;
      if (shareName === undefined) lines.push(line);
      else {
        const group = `$share/${shareName}/${filter}`;
        groups.set(group, [...(groups.get(group) ?? []), line]);
      }
    }
    for (const [group, members] of groups) lines.push(`${group}: ${members.sort().join(', ')}`);
    return lines.sort();
  }
}

function apply(trie: Trie, step: Change): string {
  const { isAdd, client, options } = step;
  const target: SubscriptionTarget = step;
  return isAdd ? trie.add(target, client, options) : trie.remove(target, client);
}

it('agrees with the naive matcher, whatever comes and goes [MQTT-3.3.2-3] [311:3.3.2-3]', () => {
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(topicNames, { minLength: 10, maxLength: 10 }),
      (steps, topics) => {
        const trie: Trie = new SubscriptionTrie();
        const model = new Model();
        for (const step of steps) expect(apply(trie, step)).toBe(model.apply(step));
        expect(trie.size).toBe(model.all().length);
        for (const topic of topics) {
          const lines = found(trie, topic);
          expect(lines).toEqual(model.found(topic));
          matched += lines.length;
        }
        for (const step of model.all()) apply(trie, { ...step, isAdd: false });
        expect([trie.size, trie.sharedSize, trie.nodeCount]).toEqual([0, 0, 0]);
      },
    ),
    { numRuns: 1000 },
  );
  expect(matched).toBeGreaterThan(1000);
});

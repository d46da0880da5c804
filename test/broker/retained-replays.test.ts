import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { Subscription } from '../../src/broker/client-session.ts';
import { type RetainedReplay, RetainedReplays } from '../../src/broker/retained-replays.ts';
import { toTopicFilter } from '../../src/topic/topic-filter.ts';

function replay(filter: string): RetainedReplay {
  const subscription: Subscription = {
    target: { filter: toTopicFilter(filter), shareName: undefined },
    qos: 0,
    isNoLocal: false,
    isRetainAsPublished: false,
    retainHandling: 0,
    identifier: undefined,
  };
  return { subscription, section: Buffer.alloc(0), messages: [].values() };
}

function drain(replays: RetainedReplays): string[] {
  const order: string[] = [];
  for (let next = replays.first; next !== undefined; next = replays.first) {
    order.push(next.subscription.target.filter);
    replays.endFirst();
  }
  return order;
}

it('takes replays in the order in which they came', () => {
  const replays = new RetainedReplays();
  for (const filter of ['a', 'b', 'c']) replays.start(filter, replay(filter));
  expect(replays.first?.subscription.target.filter).toBe('a');
  expect(replays.first?.subscription.target.filter).toBe('a');
  expect(drain(replays)).toEqual(['a', 'b', 'c']);
  replays.start('d', replay('d'));
  expect(drain(replays)).toEqual(['d']);
});

it('forgets a replay that is stopped, whether its turn has come or not', () => {
  const replays = new RetainedReplays();
  for (const filter of ['a', 'b', 'c']) replays.start(filter, replay(filter));
  expect(replays.first).toBeDefined();
  replays.stop('a');
  replays.stop('c');
  expect(drain(replays)).toEqual(['b']);
});

it('has one replay for a filter, however often it is subscribed to', () => {
  const replays = new RetainedReplays();
  const last = replay('a');
  for (let n = 0; n < 100; n += 1) replays.start('a', replay('a'));
  replays.start('a', last);
  expect([replays.size, replays.first]).toEqual([1, last]);
});

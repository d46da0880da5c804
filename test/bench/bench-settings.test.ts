import { expect, it } from 'vitest';
import { isScheduled, topicPlan } from '../../src/bench/bench-settings.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { topicMatches } from '../../src/topic/topic-matches.ts';
import { parseTopicName } from '../../src/topic/topic-name.ts';
import { settingsOf } from '../support/bench-results.ts';

it.each([
  ['fan-in', 3],
  ['fan-out', 3],
  ['latency', 3],
  ['retained', 3],
  ['pairs', 1],
  ['shared', 1],
] as const)('makes a message of %s come to as many as the plan says', (scenario, fan) => {
  const plan = topicPlan(settingsOf({ scenario, publishers: 3, subscribers: 3 }), 'x/y');
  expect(plan.fan).toBe(fan);
  const filters = [0, 1, 2].map(
    (index) => plan.filtersOf(index)[0]?.replace(/^\$share\/[^/]+\//, '') ?? '',
  );
  for (const index of [0, 1, 2]) {
    const matching = filters.filter((filter) =>
      topicMatches(parseTopicFilter(filter), parseTopicName(plan.topicOf(index))),
    );
    expect(matching.length).toBe(scenario === 'shared' ? 3 : fan);
  }
});

it('shares what it calls shared', () => {
  const plan = topicPlan(settingsOf({ scenario: 'shared' }), 'x');
  expect(plan.filtersOf(0)).toEqual(['$share/bench/x/#']);
  expect(plan.filtersOf(1)).toEqual(plan.filtersOf(0));
});

it.each([
  [30, 10],
  [31, 10],
  [99, 2],
  [3, 1],
])('has each topic of match matched by one filter of each kind: %i, %i topics', (count, topics) => {
  const settings = settingsOf({ scenario: 'match', subscribers: 3, filters: count, topics });
  const plan = topicPlan(settings, 'x/y');
  const digits = topics > 1 ? String(topics - 1).length : 0;
  const kinds = [0, 1, 2].map((index) => plan.filtersOf(index));
  expect(kinds.map(({ length }) => length)).toEqual(Array(3).fill(Math.floor(count / 3)));
  for (let topic = 0; topic < topics; topic += 1) {
    const number = digits === 0 ? '' : String(topic).padStart(digits, '0');
    const name = parseTopicName(`${plan.topicOf(0)}${number}`);
    const matching = kinds.map((filters) =>
      filters.filter((filter) => topicMatches(parseTopicFilter(filter), name)),
    );
    expect(matching.map(({ length }) => length)).toEqual([1, 1, 1]);
  }
  expect(plan.fan).toBe(3);
});

it('leaves room for the number of a topic where there are several', () => {
  expect(topicPlan(settingsOf({ topics: 2 }), 'x').topicOf(1)).toBe('x/1/');
  expect(topicPlan(settingsOf(), 'x').topicOf(1)).toBe('x/1');
});

it('knows who waits awake: who sends messages at a rate', () => {
  expect(isScheduled(settingsOf({ rate: 5 }))).toBe(true);
  expect(isScheduled(settingsOf())).toBe(false);
  expect(isScheduled(settingsOf({ rate: 5, scenario: 'connections' }))).toBe(false);
});

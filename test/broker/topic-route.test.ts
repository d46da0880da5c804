import { expect, it } from 'vitest';
import { RouteTarget } from '../../src/broker/route-target.ts';
import { SharedTurn } from '../../src/broker/shared-turn.ts';
import { TopicRoute } from '../../src/broker/topic-route.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { parseTopicName } from '../../src/topic/topic-name.ts';
import { BrokerWorld } from '../support/broker-world.ts';

const TOPIC = parseTopicName('a');
const TURN = new SharedTurn({
  shareName: 'g',
  filter: parseTopicFilter('a'),
  members: new Map(),
});

function target(isNoLocal = false): RouteTarget {
  const world = new BrokerWorld();
  world.connect({ clientId: 's' });
  const session = world.core.sessions.find('s');
  if (session === undefined) throw new Error('it has a session');
  const terms = { qos: 0, isNoLocal, isRetainAsPublished: false, identifiers: undefined } as const;
  return new RouteTarget(session.outbound, terms);
}

it('is plain where it is the same whoever publishes', () => {
  const route = { targets: [target(), target()], turns: [] };
  expect(new TopicRoute(TOPIC, route, true).isPlain).toBe(true);
  expect(new TopicRoute(TOPIC, route, false).isPlain).toBe(false);
  const noLocal = { targets: [target(), target(true)], turns: [] };
  expect(new TopicRoute(TOPIC, noLocal, true).isPlain).toBe(false);
});

it('knows whether anybody subscribes, and who may get a message twice', () => {
  const of = (targets: RouteTarget[], turns: SharedTurn[]): boolean[] => {
    const { isMatched, isMixed } = new TopicRoute(TOPIC, { targets, turns }, true);
    return [isMatched, isMixed];
  };
  expect(of([], [])).toEqual([false, false]);
  expect(of([target(), target()], [])).toEqual([true, false]);
  expect(of([], [TURN])).toEqual([true, false]);
  expect(of([], [TURN, TURN])).toEqual([true, true]);
  expect(of([target()], [TURN])).toEqual([true, true]);
});

it('shares the list of its targets with all topics that go to the same one alone', () => {
  const one = target();
  const routes = ['a', 'b'].map(
    (topic) => new TopicRoute(parseTopicName(topic), { targets: [one], turns: [] }, true),
  );
  expect(routes[0]?.targets).toBe(routes[1]?.targets);
  expect(routes[0]?.targets).toEqual([one]);
});

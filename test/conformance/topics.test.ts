import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { LEVELS, message, publish, subscriberWith } from '../support/conformance.ts';

const MATCHES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['sport/#', ['sport', 'sport/', 'sport/tennis/p1'], ['sports', 'sport2/x']],
  ['#', ['a', '/', 'a/b/c'], ['$SYS', '$x/y']],
  ['+', ['finance', 'x'], ['/finance', 'a/b', '$x']],
  ['+/+', ['/finance', 'a/b'], ['a', 'a/b/c', '$x/y']],
  ['/+', ['/finance'], ['finance', '/a/b']],
  ['sport/+', ['sport/', 'sport/x'], ['sport', 'sport/x/y']],
  ['+/tennis/#', ['sport/tennis', 'x/tennis/a/b'], ['tennis/x', '$x/tennis']],
  ['$x/#', ['$x', '$x/y'], ['x', '$y/x']],
  ['$x/+', ['$x/y'], ['$x', '$x/y/z']],
  ['a//b', ['a//b'], ['a/b', 'a///b']],
  ['a b', ['a b'], ['a', 'ab']],
  ['A', ['A'], ['a']],
  ['\u00e9', ['\u00e9'], ['e\u0301']],
  ['__proto__/constructor', ['__proto__/constructor'], ['__proto__']],
];

describe.each(LEVELS)('a filter of level %i', (level) => {
  it.each(MATCHES)(
    '%s matches %j, and not %j [MQTT-3.3.2-3] [MQTT-4.7.1-1] [MQTT-4.7.1-2] ' +
      '[MQTT-4.7.2-1] [MQTT-4.7.3-4] [311:3.3.2-3] [311:4.7.2-1] [311:4.7.3-4] [V31-48] ' +
      '[V31-49] [trap 80]',
    (filter, yes, no) => {
      const world = new BrokerWorld();
      const client = world.subscriber(filter, 0, { clientId: 's', level });
      publish(world, ...[...yes, ...no].map((topicName) => message('x', { topicName })));
      expect(client.messages.map(({ topicName }) => topicName)).toEqual(yes);
    },
  );

  it.each(MATCHES)('%s matches retained messages in the same way', (topicFilter, yes, no) => {
    const world = new BrokerWorld();
    const retained = { isRetained: true } as const;
    const topics = [...yes, ...no].filter((topic) => !topic.startsWith('$SYS'));
    publish(world, ...topics.map((topicName) => message('x', { topicName, ...retained })));
    const client = subscriberWith(world, [{ topicFilter }]);
    expect(client.messages.map(({ topicName }) => topicName).sort()).toEqual([...yes].sort());
  });
});

it('takes topics as deep as it allows, without recursion [MQTT-4.7.3-3]', () => {
  const world = new BrokerWorld({ topicSlashesMax: 65_535 });
  const topicName = '/'.repeat(65_535);
  const client = world.subscriber('#');
  publish(world, message('x', { topicName, isRetained: true }));
  expect(client.messages).toHaveLength(1);
  expect(subscriberWith(world, [{ topicFilter: '#' }]).messages).toHaveLength(1);
});

it('passes on to subscribers whatever characters it takes from publishers [trap 40]', () => {
  const world = new BrokerWorld({ textRule: 'spec' });
  const topicName = 'a\u0001/\u007f\u009f/\uffff\ufdd0';
  const watchers = LEVELS.map((level) =>
    world.subscriber('#', 0, { clientId: `w${level}`, level }),
  );
  for (const level of LEVELS) {
    world.connect({ clientId: `p${level}`, level }).send(message('x', { topicName }));
  }
  for (const { messages } of watchers) {
    expect(messages.map((packet) => packet.topicName)).toEqual([topicName, topicName, topicName]);
  }
});

it('keeps U+FEFF in a topic [MQTT-1.5.4-3] [311:1.5.3-3]', () => {
  const world = new BrokerWorld();
  const client = world.subscriber('#');
  publish(world, message('x', { topicName: '\ufeffa' }));
  expect(client.messages).toMatchObject([{ topicName: '\ufeffa' }]);
});

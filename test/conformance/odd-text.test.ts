import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { ConnectPacket } from '../../src/codec/packet.ts';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { LEVELS, message, outcome, willOf } from '../support/conformance.ts';

/** A control character, one of C1, a noncharacter, and one beyond the first plane. */
const ODD = ['a\u0001', '\u007f', 'x\u0085y', '\ufdd0', '\u{1ffff}'];

function send(level: 3 | 4 | 5, say: (client: TestClient) => void): string {
  const client = new BrokerWorld().connect({ level });
  say(client);
  return outcome(client);
}

describe.each(LEVELS)('what the standards advise against, in level %i', (level) => {
  const refused = level === 5 ? 'disconnect 0x81' : 'closed';

  it.each(ODD)(
    'is refused in a topic and a filter: %j [section 1.5.4] [311:section 1.5.3]',
    (text) => {
      const filters = [{ topicFilter: text }];
      const unsubscribe = { type: 'unsubscribe', packetId: 1, properties: {} } as const;
      const outcomes = [
        send(level, (client) => client.send(message('x', { topicName: text }))),
        send(level, (client) => client.send(message('x', { topicName: text, qos: 1 }))),
        send(level, (client) => client.send(subscribePacket(filters))),
        send(level, (client) => client.send({ ...unsubscribe, topicFilters: [text] })),
      ];
      expect(outcomes).toEqual([refused, refused, refused, refused]);
    },
  );

  it.each([
    ['the client id', { clientId: 'a\nb' }, ['connack 0x02', 'connack 0x85']],
    ['the user name', { userName: 'a\u009f' }, ['connack 0x04', 'connack 0x86']],
    [
      'the topic of the will',
      { will: willOf({ topicName: '\uffff' }) },
      ['closed', 'connack 0x81'],
    ],
  ] as const)('is refused in %s', (_where, over: Partial<ConnectPacket>, [before5, in5]) => {
    const world = new BrokerWorld();
    expect(outcome(world.connect({ level, ...over }))).toBe(level === 5 ? in5 : before5);
    expect(world.core.sessions.size).toBe(0);
  });

  it('may stand in a payload', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t', 0, { level });
    world.connect({ clientId: 'p', level }).send(message('\u0001\uffff'));
    expect(watcher.messages[0]?.payload).toEqual(Buffer.from('\u0001\uffff'));
  });
});

it('is refused in a response topic, which is a topic for others', () => {
  const say = (client: TestClient): void =>
    client.send(message('x', { properties: { responseTopic: 'a\tb' } }));
  expect(send(5, say)).toBe('disconnect 0x81');
});

it('is told with clause, place and what to do', () => {
  const world = new BrokerWorld();
  world.connect().send(message('x', { topicName: 'ab\u0007' }));
  expect(world.events.at(-1)).toMatchObject({
    event: 'disconnect',
    fields: {
      clause: 'section 1.5.4',
      offset: 6,
      message: 'topicName holds U+0007',
      next: expect.stringContaining('--utf8 spec'),
    },
  });
});

it.each(LEVELS)('is taken where the standard alone holds: level %i', (level) => {
  const world = new BrokerWorld({ textRule: 'spec' });
  const userName = 'u\t';
  const client = world.connect({ level, clientId: 'a\nb', userName });
  client.send(
    subscribePacket([{ topicFilter: '\ufdd0/#' }]),
    message('x', { topicName: '\ufdd0' }),
  );
  expect([outcome(client), client.payloads]).toEqual(['open', ['x']]);
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { type BrokerConfig, brokerConfig } from '../../src/broker/broker-config.ts';
import {
  findPayloadRefusal,
  findPublishRefusal,
  findTopicRefusal,
  refusalText,
} from '../../src/broker/publish-limits.ts';
import { Router } from '../../src/broker/router.ts';
import { keepMessage, messageFrom } from '../../src/session/message.ts';
import { BrokerWorld, connackOf, type TestClient } from '../support/broker-world.ts';
import { LEVELS, message, publish, subscriberWith, willOf } from '../support/conformance.ts';
import { plentyOfMemory } from '../support/memory.ts';
import { ackPacket } from '../support/packets.ts';

function codes(client: TestClient): string[] {
  return client
    .take()
    .map((packet) => `${packet.type} ${'reasonCode' in packet ? packet.reasonCode : ''}`);
}

it.each([
  ['a/b', undefined],
  ['a/b/c', '--max-topic-levels'],
  ['abcdef', undefined],
  ['abcdefg', '--max-topic-bytes'],
  ['üüü', undefined],
  ['üüüx', '--max-topic-bytes'],
])('takes or refuses the topic %s by its levels and bytes: %s', (topicName, limit) => {
  const config = brokerConfig({ topicSlashesMax: 1, topicBytesMax: 6 });
  expect(findTopicRefusal(topicName, config)?.limit).toBe(limit);
});

it('knows no limit of payloads unless it is given one', () => {
  const config = brokerConfig({ payloadBytesMax: 10 });
  const find = (bytes: number, given: BrokerConfig) =>
    findPayloadRefusal(Buffer.alloc(bytes), undefined, given);
  expect(find(10, config)).toBeUndefined();
  expect(find(11, config)).toMatchObject({ limit: '--max-payload' });
  expect(find(100_000_000, brokerConfig())).toBeUndefined();
});

it('checks a payload only where that is asked for, and where it says what it is', () => {
  const payload = Buffer.of(0xff);
  const config = brokerConfig({ payloadFormatChecked: 1 });
  expect(findPayloadRefusal(payload, 1, config)?.reason).toBe('payloadFormatInvalid');
  expect(findPayloadRefusal(payload, 0, config)).toBeUndefined();
  expect(findPayloadRefusal(payload, undefined, config)).toBeUndefined();
  expect(findPayloadRefusal(payload, 1, brokerConfig())).toBeUndefined();
});

it('shows no more of a topic than a line bears', () => {
  const config = brokerConfig();
  const topicName = '/'.repeat(60_000);
  const refusal = findTopicRefusal(topicName, config);
  if (refusal === undefined) throw new Error('it has too many levels');
  expect(refusalText(refusal, topicName, config)).toBe(
    `topic "${'/'.repeat(80)}" has too many levels: 200 times "/" is the most`,
  );
});

it.each([
  [{ retainedMessagesMax: 1 }, '--max-retained'],
  [{ retainedBytesMax: 300 }, '--max-retained-bytes'],
] as [Partial<BrokerConfig>, string][])(
  'names the limit that keeps a message out: %j',
  (over, limit) => {
    const config = brokerConfig(over);
    const memory = plentyOfMemory();
    const router = new Router(config, memory);
    const judge = { config, memory, router };
    const retained = (topicName: string) =>
      messageFrom(message('x', { isRetained: true }), topicName, 'p', 0);
    router.retain(keepMessage(retained('a')));
    expect(findPublishRefusal(retained('a'), judge)).toBeUndefined();
    expect(findPublishRefusal(retained('b'), judge)).toMatchObject({ limit });
    const live = { ...retained('b'), isRetained: false };
    expect(findPublishRefusal(live, judge)).toBeUndefined();
  },
);

describe('--max-payload', () => {
  const TOO_LARGE = { isRetained: true, payload: Buffer.alloc(11) };

  it.each(LEVELS)('has a larger message of level %i neither routed nor retained', (level) => {
    const world = new BrokerWorld({ payloadBytesMax: 10 });
    const watcher = subscriberWith(world, [{ topicFilter: '#' }]);
    const client = world.connect({ clientId: 'p', level });
    client.take();
    client.send(
      message('', TOO_LARGE),
      message('', { ...TOO_LARGE, qos: 1, packetId: 1 }),
      message('', { ...TOO_LARGE, qos: 2, packetId: 2 }),
      ackPacket('pubrel', 2),
      message('0123456789', { qos: 1, packetId: 3 }),
    );
    const [refused, released, taken] = level === 5 ? [0x97, 0x92, 0] : [0, 0, 0];
    expect(codes(client)).toEqual([
      `puback ${refused}`,
      `pubrec ${refused}`,
      `pubcomp ${released}`,
      `puback ${taken}`,
    ]);
    expect(watcher.payloads).toEqual(['0123456789']);
    expect(world.core.router.retainedCount).toBe(0);
    expect(world.core.counters).toMatchObject({ messagesRefused: 3, messagesReceived: 1 });
    expect(world.events.filter(({ event }) => event === 'limit_reached')).toMatchObject([
      { level: 'warn', fields: { client: 'p', limit: '--max-payload', count: 1 } },
    ]);
  });

  it('holds for wills, which CONNACK refuses', () => {
    const world = new BrokerWorld({ payloadBytesMax: 10 });
    const will = willOf({ payload: TOO_LARGE.payload });
    expect(connackOf(world.connect({ will })).reasonCode).toBe(0x97);
    expect(connackOf(world.connect({ will, level: 4 })).reasonCode).toBe(3);
    expect(world.events[0]).toMatchObject({
      event: 'connect_refused',
      fields: { limit: '--max-payload', next: expect.stringContaining('--max-payload') },
    });
    expect(connackOf(world.connect({ will: willOf() })).reasonCode).toBe(0);
  });
});

describe('--max-topic-bytes', () => {
  const LONG = { topicName: 'a'.repeat(11) };

  it('is answered in the ack, or ends the connection', () => {
    const world = new BrokerWorld({ topicBytesMax: 10 });
    const client = publish(world, message('x', { ...LONG, qos: 1 }));
    expect(codes(client)).toEqual([`puback ${0x90}`]);
    client.send(message('x', LONG));
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x90 });
    expect(world.events.at(-1)).toMatchObject({ fields: { limit: '--max-topic-bytes' } });
    const older = world.connect({ clientId: 'o', level: 4 });
    older.take();
    older.send(message('x', { ...LONG, qos: 1 }));
    expect([older.received, older.isClosed]).toEqual([[], true]);
  });

  it('holds for filters and for wills', () => {
    const world = new BrokerWorld({ topicBytesMax: 10 });
    const requests = [{ topicFilter: LONG.topicName }, { topicFilter: 'a'.repeat(10) }];
    const client = subscriberWith(world, requests);
    expect(client.last).toMatchObject({ reasonCodes: [0x8f, 0] });
    expect(world.events.at(-1)).toMatchObject({
      event: 'limit_reached',
      fields: { client: 'subscriber', limit: '--max-topic-bytes' },
    });
    const will = willOf(LONG);
    expect(connackOf(world.connect({ clientId: 'w', will })).reasonCode).toBe(0x90);
  });
});

it('says who publishes to a topic of the broker, once in a while', () => {
  const world = new BrokerWorld();
  const denied = message('x', { topicName: '$SYS/x', qos: 1 });
  const client = publish(world, denied, denied, denied);
  world.advance(10);
  client.send(denied);
  const lines = world.events.filter(({ event }) => event === 'publish_denied');
  expect(lines.map(({ fields: { count } }) => count)).toEqual([1, 3]);
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Publication } from '../../src/client/publication.ts';
import type { SubscriptionRequest } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { ClientWorld } from '../support/client-world.ts';
import { hex } from '../support/hex.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const LONG = 'x'.repeat(65_536);
const VERSIONS = [4, 5] as const;

/** A connected client, and the bytes that it has sent since CONNECT. */
function connected(over: Parameters<typeof ClientWorld.connected>[0] = {}, connack = {}) {
  const world = ClientWorld.connected(over, connack);
  const skipped = world.channel.writes.length;
  const bytes = (): Buffer => {
    world.sent();
    return Buffer.concat(world.channel.writes.slice(skipped));
  };
  return { world, bytes };
}

function request(topicFilter: string, over: Partial<SubscriptionRequest> = {}) {
  const plain = {
    qos: 2,
    isNoLocal: false,
    isRetainAsPublished: false,
    retainHandling: 0,
  } as const;
  return { topicFilter, ...plain, ...over };
}

describe('the client publishes to no', () => {
  it.each<[string, Partial<Publication>]>([
    ['topic of none [MQTT-4.7.3-1] [311:4.7.3-1]', { topicName: '' }],
    ['many topics [MQTT-3.3.2-2] [MQTT-4.7.0-1] [311:3.3.2-2] [311:4.7.1-1]', { topicName: 'a/#' }],
    ['topic with U+0000 [MQTT-4.7.3-2] [311:4.7.3-2]', { topicName: 'a\0' }],
    [
      'topic with half a surrogate pair [MQTT-1.5.4-1] [MQTT-3.3.2-1] [311:1.5.3-1] ' +
        '[311:3.3.2-1] [trap 39]',
      { topicName: '\ud83d' },
    ],
    ['topic of 65,536 bytes [MQTT-4.7.3-3] [311:4.7.3-3]', { topicName: LONG }],
  ])('%s', (_what, over) => {
    for (const level of VERSIONS) {
      const { bytes, world } = connected({ level });
      for (const qos of [0, 1] as const) {
        expect(() => world.publish({ qos, ...over })).toThrow(UnsendableError);
      }
      expect(bytes()).toHaveLength(0);
      expect(world.connection.hasRoom(1)).toBe(true);
    }
  });

  it.each<[string, Publication['properties']]>([
    ['alias 0 [MQTT-3.3.2-8]', { topicAlias: 0 }],
    ['wildcard in a Response Topic [MQTT-3.3.2-14]', { responseTopic: 'a/+' }],
    ['ill-formed Response Topic [MQTT-3.3.2-13]', { responseTopic: '\udc00' }],
    ['ill-formed Content Type [MQTT-3.3.2-19]', { contentType: '\udc00' }],
    ['ill-formed User Property [MQTT-1.5.7-1]', { userProperty: [['a', '\udc00']] }],
  ])('%s', (_what, properties) => {
    const { bytes, world } = connected({}, { properties: { topicAliasMaximum: 9 } });
    expect(() => world.publish({ properties })).toThrow(UnsendableError);
    expect(bytes()).toHaveLength(0);
  });

  it('Subscription Identifier, which is for the server to send [MQTT-3.3.4-6] [trap 47]', () => {
    const { bytes, world } = connected();
    const properties = { subscriptionIdentifier: [1] } as Publication['properties'];
    for (const qos of [0, 1] as const) {
      expect(() => world.publish({ qos, properties })).toThrow(UnsendableError);
    }
    expect(bytes()).toHaveLength(0);
  });
});

describe('the client subscribes to no', () => {
  it.each<[string, string]>([
    ['empty filter [MQTT-4.7.3-1] [311:4.7.3-1]', ''],
    ['filter with U+0000 [MQTT-4.7.3-2] [311:4.7.3-2]', 'a\0'],
    ['ill-formed filter [MQTT-3.8.3-1] [MQTT-3.10.3-1] [311:3.8.3-1] [311:3.10.3-1]', 'a\ud83d'],
    ['filter of 65,536 bytes [MQTT-4.7.3-3] [311:4.7.3-3]', LONG],
    ['filter with # in a level [MQTT-4.7.1-1] [311:4.7.1-2] [trap 80]', 'a#'],
    ['filter with levels behind # [MQTT-4.7.1-1] [311:4.7.1-2]', '#/a'],
    ['filter with + in a level [MQTT-4.7.1-2] [311:4.7.1-3] [trap 80]', 'a/b+'],
  ])('%s, nor unsubscribes', (_what, topicFilter) => {
    for (const level of VERSIONS) {
      const { bytes, world } = connected({ level });
      const { connection } = world;
      expect(() => connection.subscribe([request(topicFilter)], {}, () => {})).toThrow(
        UnsendableError,
      );
      expect(() => connection.unsubscribe([topicFilter], {}, () => {})).toThrow(UnsendableError);
      expect(bytes()).toHaveLength(0);
    }
  });

  it.each<[string, SubscriptionRequest]>([
    ['share without a name [MQTT-4.8.2-1] [trap 74]', request('$share//t')],
    ['share with a wildcard in its name [MQTT-4.8.2-2] [trap 74]', request('$share/g+/t')],
    ['share of nothing [MQTT-4.8.2-2] [trap 74]', request('$share/g/')],
    ['share without its own [MQTT-3.8.3-4] [trap 73]', request('$share/g/t', { isNoLocal: true })],
  ])('%s', (_what, wrong) => {
    const { bytes, world } = connected();
    expect(() => world.connection.subscribe([request('a'), wrong], {}, () => {})).toThrow(
      UnsendableError,
    );
    expect(bytes()).toHaveLength(0);
  });

  it('filter at all [MQTT-3.8.3-2] [MQTT-3.10.3-2] [311:3.8.3-3] [311:3.10.3-2]', () => {
    for (const level of VERSIONS) {
      const { bytes, world } = connected({ level });
      expect(() => world.connection.subscribe([], {}, () => {})).toThrow(UnsendableError);
      expect(() => world.connection.unsubscribe([], {}, () => {})).toThrow(UnsendableError);
      expect(bytes()).toHaveLength(0);
    }
  });
});

it.each([
  [
    '5.0 [MQTT-2.1.3-1] [MQTT-2.2.1-2] [MQTT-2.2.2-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] ' +
      '[MQTT-3.10.1-1] ' +
      '[MQTT-3.14.1-1]',
    5,
    hex`30 05 0001 61 00 6d  82 07 0001 00 0001 61 02  a2 06 0002 00 0001 61
      34 07 0001 61 0003 00 6d  62 02 0003  c0 00  e0 00`,
  ],
  [
    '3.1.1 [311:2.2.2-1] [311:2.3.1-5] [311:3.6.1-1] [311:3.8.1-1] [311:3.10.1-1]',
    4,
    hex`30 04 0001 61 6d  82 06 0001 0001 61 02  a2 05 0002 0001 61
      34 06 0001 61 0003 6d  62 02 0003  c0 00  e0 00`,
  ],
] as const)('the client sends the flags and fields of version %s', (_version, level, wanted) => {
  const { bytes, world } = connected({ level, keepAliveSeconds: 60 });
  world.publish();
  world.connection.subscribe([request('a')], {}, () => {});
  world.connection.unsubscribe(['a'], {}, () => {});
  world.publish({ qos: 2 });
  world.receive(ackPacket('pubrec', 3));
  world.pass(60_000);
  world.connection.end();
  expect(bytes()).toEqual(wanted);
});

it(
  'the client answers with neither Reason String nor User Property, so that any server has room ' +
    '[MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3] ' +
    '[MQTT-3.7.2-2] [MQTT-3.7.2-3] [MQTT-3.14.2-3] [MQTT-3.14.2-4]',
  () => {
    const { bytes, world } = connected({}, { properties: { maximumPacketSize: 5 } });
    world.receive(
      publishPacket({ qos: 1, packetId: 1 }),
      publishPacket({ qos: 2, packetId: 2 }),
      ackPacket('pubrec', 7),
      ackPacket('pubrel', 8),
      ackPacket('pubrel', 2),
    );
    world.channel.arrive(hex`c0 00`);
    expect(bytes()).toEqual(
      hex`40 02 0001  50 02 0002  62 03 0007 92  70 03 0008 92  70 02 0002  e0 01 82`,
    );
  },
);

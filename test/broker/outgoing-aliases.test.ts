import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OutgoingAliases } from '../../src/broker/outgoing-aliases.ts';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

it('gives the first topics an alias each, and sends it in their place', () => {
  const aliases = new OutgoingAliases(1);
  const first = aliases.shorten(publishPacket({ topicName: 'away' }));
  aliases.onSent(first);
  const again = aliases.shorten(publishPacket({ topicName: 'away' }));
  const other = aliases.shorten(publishPacket({ topicName: 'back' }));
  expect([first, again, other].map(({ properties, topicName }) => [topicName, properties])).toEqual(
    [
      ['away', { topicAlias: 1 }],
      ['', { topicAlias: 1 }],
      ['back', {}],
    ],
  );
});

it('takes no alias for known before it was sent', () => {
  const aliases = new OutgoingAliases(1);
  aliases.shorten(publishPacket({ topicName: 'away' }));
  expect(aliases.shorten(publishPacket({ topicName: 'back' }))).toMatchObject({
    topicName: 'back',
  });
});

it('gives none to a topic that is no longer than an alias', () => {
  const aliases = new OutgoingAliases(5);
  const short = publishPacket({ topicName: 'a/b' });
  expect(aliases.shorten(short)).toBe(short);
  const longer = aliases.shorten(publishPacket({ topicName: 'a/bc' }));
  expect(longer.properties).toEqual({ topicAlias: 1 });
});

it('keeps no more than 65,536 characters of topics', () => {
  const aliases = new OutgoingAliases(5);
  for (const topicName of ['x'.repeat(40_000), 'y'.repeat(25_536)]) {
    aliases.onSent(aliases.shorten(publishPacket({ topicName })));
  }
  const other = publishPacket({ topicName: 'away' });
  expect(aliases.shorten(other)).toBe(other);
  const known = publishPacket({ topicName: 'y'.repeat(25_536) });
  expect(aliases.shorten(known)).toMatchObject({ topicName: '', properties: { topicAlias: 2 } });
});

describe('a client', () => {
  const payload = Buffer.from('x');

  function topicsOf(topicAliasMaximum: number | undefined, config = {}): [string, unknown][] {
    const world = new BrokerWorld(config);
    const properties = topicAliasMaximum === undefined ? {} : { topicAliasMaximum };
    const client = world.connect({ properties });
    client.send(subscribePacket([{ topicFilter: '#' }]));
    for (const topicName of ['away', 'back', 'away', 'back'])
      client.send(publishPacket({ topicName, payload }));
    return client.messages.map(({ properties: { topicAlias }, topicName }) => [
      topicName,
      topicAlias,
    ]);
  }

  it('gets aliases up to its Topic Alias Maximum [MQTT-3.3.2-11] [MQTT-3.1.2-26]', () => {
    expect(topicsOf(1)).toEqual([
      ['away', 1],
      ['back', undefined],
      ['', 1],
      ['back', undefined],
    ]);
  });

  it('gets none if it names no maximum, or 0 [MQTT-3.1.2-27]', () => {
    const plain = ['away', 'back', 'away', 'back'].map((topic) => [topic, undefined]);
    expect(topicsOf(undefined)).toEqual(plain);
    expect(topicsOf(0)).toEqual(plain);
  });

  it('gets what has room without an alias alone, new or known [MQTT-3.1.2-24]', () => {
    const world = new BrokerWorld();
    const properties = { topicAliasMaximum: 5, maximumPacketSize: 60 };
    const client = world.connect({ properties });
    client.send(subscribePacket([{ topicFilter: '#' }]));
    for (const length of [51, 40, 51, 52]) {
      client.send(publishPacket({ topicName: 'away', payload: Buffer.alloc(length) }));
    }
    const sent = client.messages.map((message) => [message.topicName, message.payload.length]);
    expect(sent).toEqual([
      ['away', 51],
      ['away', 40],
      ['', 51],
      ['', 52],
    ]);
  });

  it('gets none where the broker sets none', () => {
    expect(topicsOf(5, { topicAliasesOutMax: 0 })[2]).toEqual(['away', undefined]);
  });
});

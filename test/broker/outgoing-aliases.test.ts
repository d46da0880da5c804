import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OutgoingAliases } from '../../src/broker/outgoing-aliases.ts';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

it('gives the first topics an alias each, and sends it in their place', () => {
  const aliases = new OutgoingAliases(1);
  const first = aliases.shorten(publishPacket({ topicName: 'a' }));
  aliases.onSent(first);
  const again = aliases.shorten(publishPacket({ topicName: 'a' }));
  const other = aliases.shorten(publishPacket({ topicName: 'b' }));
  expect([first, again, other].map(({ properties, topicName }) => [topicName, properties])).toEqual(
    [
      ['a', { topicAlias: 1 }],
      ['', { topicAlias: 1 }],
      ['b', {}],
    ],
  );
});

it('takes no alias for known before it was sent', () => {
  const aliases = new OutgoingAliases(1);
  aliases.shorten(publishPacket({ topicName: 'a' }));
  expect(aliases.shorten(publishPacket({ topicName: 'b' }))).toMatchObject({ topicName: 'b' });
});

describe('a client', () => {
  const payload = Buffer.from('x');

  function topicsOf(topicAliasMaximum: number | undefined, config = {}): [string, unknown][] {
    const world = new BrokerWorld(config);
    const properties = topicAliasMaximum === undefined ? {} : { topicAliasMaximum };
    const client = world.connect({ properties });
    client.send(subscribePacket([{ topicFilter: '#' }]));
    for (const topicName of ['a', 'b', 'a', 'b'])
      client.send(publishPacket({ topicName, payload }));
    return client.messages.map(({ properties: { topicAlias }, topicName }) => [
      topicName,
      topicAlias,
    ]);
  }

  it('gets aliases up to its Topic Alias Maximum [MQTT-3.3.2-11] [MQTT-3.1.2-26]', () => {
    expect(topicsOf(1)).toEqual([
      ['a', 1],
      ['b', undefined],
      ['', 1],
      ['b', undefined],
    ]);
  });

  it('gets none if it names no maximum, or 0 [MQTT-3.1.2-27]', () => {
    const plain = ['a', 'b', 'a', 'b'].map((topic) => [topic, undefined]);
    expect(topicsOf(undefined)).toEqual(plain);
    expect(topicsOf(0)).toEqual(plain);
  });

  it('gets none where the broker sets none', () => {
    expect(topicsOf(5, { topicAliasesOutMax: 0 })[2]).toEqual(['a', undefined]);
  });
});

import type { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { frame, KEPT, message, outcome, publish, subscriberWith } from '../support/conformance.ts';

function aliased(topicAlias: number, topicName = '', over = {}) {
  return message(`${topicAlias} ${topicName}`, { topicName, properties: { topicAlias }, ...over });
}

describe('a Topic Alias', () => {
  it(
    'stands for a topic from when it is set, and may be set anew [MQTT-3.3.2-12] ' + '[trap 48]',
    () => {
      const world = new BrokerWorld({ topicAliasMaximum: 3 });
      const watcher = world.subscriber('#');
      publish(
        world,
        aliased(3, 'a'),
        aliased(1, 'b'),
        aliased(3),
        aliased(1),
        aliased(3, 'c'),
        aliased(3),
      );
      expect(watcher.messages.map(({ topicName }) => topicName)).toEqual([
        'a',
        'b',
        'a',
        'b',
        'c',
        'c',
      ]);
    },
  );

  it.each([
    ['0 [MQTT-3.3.2-8] [trap 48]', frame(0x30, '0001 74 03 23 0000'), 0x94],
    [
      'above the maximum [MQTT-3.3.2-9] [MQTT-3.2.2-17] [trap 48]',
      frame(0x30, '0001 74 03 23 0004'),
      0x94,
    ],
    ['that was never set [trap 48]', frame(0x30, '0000 03 23 0001'), 0x82],
  ])('is refused if it is %s', (_fault, packet: Buffer, code) => {
    const client = new BrokerWorld({ topicAliasMaximum: 3 }).connect();
    client.sendBytes(packet);
    expect(outcome(client)).toBe(`disconnect 0x${code.toString(16)}`);
  });

  it('is refused at all where none is allowed [MQTT-3.2.2-18]', () => {
    const client = publish(new BrokerWorld({ topicAliasMaximum: 0 }), aliased(1, 'a'));
    expect(outcome(client)).toBe('disconnect 0x94');
  });

  it('ends with its connection [MQTT-3.3.2-7] [trap 50]', () => {
    const world = new BrokerWorld();
    const over = { clientId: 's', isCleanStart: false, properties: KEPT };
    const client = world.connect(over);
    client.send(aliased(1, 'a'));
    client.drop();
    const again = world.connect(over);
    again.send(aliased(1));
    expect(outcome(again)).toBe('disconnect 0x82');
  });

  it(
    'goes no further: not to subscribers, queues and what is retained [MQTT-3.1.2-26] ' +
      '[MQTT-3.1.2-27] [MQTT-3.3.2-11] [trap 49]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.connect({ clientId: 's', properties: KEPT });
      watcher.send(subscribePacket([{ topicFilter: '#', qos: 1 }]));
      publish(world, aliased(1, 'a'), aliased(1, '', { isRetained: true }));
      watcher.drop();
      publish(world, aliased(1, 'b'), aliased(1, '', { qos: 1 }));
      const again = world.connect({ clientId: 's', isCleanStart: false, properties: KEPT });
      const late = subscriberWith(world, [{ topicFilter: '#' }]);
      const all = [...watcher.messages, ...again.messages, ...late.messages];
      expect(all.map(({ topicName }) => topicName)).toEqual(['a', 'a', 'b', 'a']);
      expect(all.every(({ properties }) => properties.topicAlias === undefined)).toBe(true);
    },
  );

  it('that the broker has set ends with its connection, too [MQTT-3.3.2-7] [trap 50]', () => {
    const world = new BrokerWorld();
    const properties = { ...KEPT, topicAliasMaximum: 5 };
    const over = { clientId: 's', isCleanStart: false, properties };
    const client = world.connect(over);
    client.send(subscribePacket([{ topicFilter: 'away', qos: 1 }]));
    const topicName = 'away';
    publish(
      world,
      message('1', { topicName, qos: 1 }),
      message('2', { topicName, qos: 1, packetId: 2 }),
    );
    expect(client.messages).toMatchObject([
      { topicName, properties: { topicAlias: 1 } },
      { topicName: '', properties: { topicAlias: 1 } },
    ]);
    client.drop();
    const again = world.connect(over);
    expect(again.messages).toMatchObject([
      { topicName, isDuplicate: true, properties: { topicAlias: 1 } },
      { topicName: '', isDuplicate: true, properties: { topicAlias: 1 } },
    ]);
    const without = world.connect({ ...over, properties: KEPT });
    expect(without.messages.map(({ topicName }) => topicName)).toEqual(['away', 'away']);
  });

  it('is judged before it is used: a refused topic is not remembered as another', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('#');
    publish(world, aliased(1, '$SYS/x'), aliased(1));
    expect(watcher.messages).toEqual([]);
  });
});

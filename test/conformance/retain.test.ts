import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, subscribePacket } from '../support/broker-world.ts';
import { KEPT, LEVELS, message, publish, subscriberWith } from '../support/conformance.ts';

const RETAINED = { isRetained: true } as const;
const EMPTY = { ...RETAINED, payload: Buffer.alloc(0) };

describe.each(LEVELS)('for a subscriber of level %i, a retained message', (level) => {
  it(
    'comes with the subscription, and with the flag [MQTT-3.3.1-5] [MQTT-3.3.1-9] ' +
      '[311:3.3.1-5] [311:3.3.1-6] [311:3.3.1-8] [trap 64]',
    () => {
      const world = new BrokerWorld();
      publish(world, message('old', RETAINED), message('new', RETAINED));
      const client = world.connect({ level });
      client.send(subscribePacket([{ topicFilter: 't' }]));
      expect(client.messages).toMatchObject([{ isRetained: true, isDuplicate: false }]);
      expect(client.payloads).toEqual(['new']);
    },
  );

  it(
    'comes without the flag if the subscription was there before [MQTT-3.3.1-12] ' +
      '[311:3.3.1-9] [V31-45] [trap 64]',
    () => {
      const world = new BrokerWorld();
      const client = world.subscriber('t', 0, { level });
      publish(world, message('x', RETAINED));
      expect(client.messages).toMatchObject([{ isRetained: false }]);
    },
  );

  it('comes again with each SUBSCRIBE [MQTT-3.8.4-4] [311:3.8.4-3] [V31-46] [trap 67]', () => {
    const world = new BrokerWorld();
    publish(world, message('x', RETAINED));
    const client = world.connect({ level });
    for (const packetId of [1, 2, 3]) {
      client.send(subscribePacket([{ topicFilter: 't' }], { packetId }));
    }
    expect(client.payloads).toEqual(['x', 'x', 'x']);
  });

  it('comes by the options that the last SUBSCRIBE has given [MQTT-3.8.4-3] [311:3.8.4-3]', () => {
    const world = new BrokerWorld();
    publish(world, message('x', { ...RETAINED, qos: 2 }));
    const client = world.connect({ level });
    for (const qos of [0, 2, 1] as const) {
      const properties = level === 5 ? { subscriptionIdentifier: [qos + 1] } : {};
      client.send(subscribePacket([{ topicFilter: 't', qos }], { properties }));
    }
    expect(client.messages.map(({ qos }) => qos)).toEqual([0, 2, 1]);
    const ids = client.messages.map(({ properties }) => properties.subscriptionIdentifier);
    expect(ids).toEqual(level === 5 ? [[1], [3], [2]] : [undefined, undefined, undefined]);
  });

  it(
    'is cleared by an empty one, which goes to those who are there [MQTT-3.3.1-6] ' +
      '[MQTT-3.3.1-7] [311:3.3.1-10] [311:3.3.1-11] [V31-43] [trap 65]',
    () => {
      const world = new BrokerWorld();
      publish(world, message('x', RETAINED));
      const client = world.subscriber('t', 0, { level });
      publish(world, message('', EMPTY));
      expect(client.messages).toMatchObject([{ isRetained: false, payload: Buffer.alloc(0) }]);
      expect(subscriberWith(world, [{ topicFilter: '#' }]).messages).toEqual([]);
      expect(world.core.router.retainedCount).toBe(0);
    },
  );
});

it(
  'leaves what is retained alone with RETAIN 0, be it empty [MQTT-3.3.1-8] ' +
    '[311:3.3.1-12] [trap 66]',
  () => {
    for (const level of LEVELS) {
      const world = new BrokerWorld();
      world.connect({ level }).send(message('kept', RETAINED), message('x'), message(''));
      expect(subscriberWith(world, [{ topicFilter: 't' }]).payloads).toEqual(['kept']);
    }
  },
);

it('keeps retained messages of QoS 0 too, in place of others [311:3.3.1-7]', () => {
  for (const level of LEVELS) {
    const world = new BrokerWorld();
    world.connect({ level }).send(message('1', { ...RETAINED, qos: 1 }), message('0', RETAINED));
    const client = subscriberWith(world, [{ topicFilter: 't', qos: 2 }]);
    expect(client.messages).toMatchObject([{ qos: 0, payload: Buffer.from('0') }]);
  }
});

it('keeps retained messages when their session has ended [311:3.1.2-7]', () => {
  for (const level of LEVELS) {
    const world = new BrokerWorld();
    const client = world.connect({ level });
    client.send(message('x', RETAINED));
    client.drop();
    expect(world.core.sessions.size).toBe(0);
    expect(subscriberWith(world, [{ topicFilter: 't' }]).payloads).toEqual(['x']);
  }
});

describe('Retain Handling', () => {
  it('1 sends to a subscription that is new in its session [MQTT-3.3.1-10] [trap 67]', () => {
    const world = new BrokerWorld();
    publish(world, message('x', RETAINED));
    const subscribe = subscribePacket([{ topicFilter: 't', retainHandling: 1 }]);
    const client = world.connect({ clientId: 's', properties: KEPT });
    client.send(subscribe, subscribe);
    expect(client.payloads).toEqual(['x']);
    client.drop();
    const again = world.connect({ clientId: 's', isCleanStart: false, properties: KEPT });
    expect(connackOf(again).isSessionPresent).toBe(true);
    again.send(subscribe);
    expect(again.payloads).toEqual([]);
    again.send(
      { type: 'unsubscribe', packetId: 1, properties: {}, topicFilters: ['t'] },
      subscribe,
    );
    expect(again.payloads).toEqual(['x']);
  });

  it('2 sends nothing [MQTT-3.3.1-11] [trap 67]', () => {
    const world = new BrokerWorld();
    publish(world, message('x', RETAINED));
    expect(subscriberWith(world, [{ topicFilter: 't', retainHandling: 2 }]).messages).toEqual([]);
  });
});

describe('Retain As Published', () => {
  it('keeps the flag of live messages [MQTT-3.3.1-13] [trap 64]', () => {
    const world = new BrokerWorld();
    const client = subscriberWith(world, [{ topicFilter: 't', isRetainAsPublished: true }]);
    publish(world, message('1', RETAINED), message('2'), message('', EMPTY));
    expect(client.messages.map(({ isRetained }) => isRetained)).toEqual([true, false, true]);
  });

  it('changes nothing for what comes with the subscription', () => {
    const world = new BrokerWorld();
    publish(world, message('x', RETAINED));
    for (const isRetainAsPublished of [true, false]) {
      const client = subscriberWith(world, [{ topicFilter: 't', isRetainAsPublished }]);
      expect(client.messages).toMatchObject([{ isRetained: true }]);
    }
  });

  it('of one match is enough where several match [trap 71]', () => {
    const world = new BrokerWorld();
    const client = subscriberWith(world, [
      { topicFilter: '#' },
      { topicFilter: 't', isRetainAsPublished: true },
    ]);
    publish(world, message('x', RETAINED));
    expect(client.messages).toMatchObject([{ isRetained: true }]);
  });
});

it(
  'sends retained messages at the lower QoS, with identifier and properties ' +
    '[MQTT-3.8.4-8] [MQTT-3.3.4-3] [trap 69]',
  () => {
    const world = new BrokerWorld();
    const properties = { contentType: 'x/y', userProperty: [['a', 'b']] as const };
    publish(world, message('x', { ...RETAINED, qos: 2, properties }));
    const client = subscriberWith(world, [{ topicFilter: 't', qos: 1 }], {
      subscriptionIdentifier: [7],
    });
    expect(client.messages).toMatchObject([{ qos: 1, isRetained: true }]);
    expect(client.messages[0]?.properties).toEqual({ ...properties, subscriptionIdentifier: [7] });
  },
);

it(
  'hides topics with $ from leading wildcards [MQTT-4.7.2-1] [311:4.7.2-1] [V31-48] ' + '[trap 69]',
  () => {
    const world = new BrokerWorld();
    publish(world, message('x', { ...RETAINED, topicName: '$x/a' }));
    const filters = ['#', '+/a', '+/#'].map((topicFilter) => ({ topicFilter }));
    expect(subscriberWith(world, filters).messages).toEqual([]);
    expect(subscriberWith(world, [{ topicFilter: '$x/#' }]).payloads).toEqual(['x']);
  },
);

it('gives retained messages to their own publisher, whatever No Local says [trap 72]', () => {
  const world = new BrokerWorld();
  const client = publish(world, message('x', RETAINED));
  client.send(subscribePacket([{ topicFilter: 't', isNoLocal: true }]));
  expect(client.payloads).toEqual(['x']);
});

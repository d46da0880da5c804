import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, type TestClient } from '../support/broker-world.ts';
import { bytes, KEPT, LEVELS, outcome, subscriberWith, willOf } from '../support/conformance.ts';

function goodbye(client: TestClient, reasonCode = 0): void {
  client.send({ type: 'disconnect', reasonCode, properties: {} });
}

describe.each(LEVELS)('the will of a client of level %i', (level) => {
  it(
    'goes out when its connection is lost, once [MQTT-3.1.2-7] [MQTT-3.1.2-8] ' +
      '[MQTT-3.1.2-10] [311:3.1.2-8] [311:3.1.2-10] [V31-40]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const client = world.connect({ level, will: willOf() });
      expect(watcher.messages).toEqual([]);
      client.drop();
      world.advance(10_000);
      expect(watcher.payloads).toEqual(['gone']);
    },
  );

  it(
    'does not go out after DISCONNECT [MQTT-3.1.2-10] [MQTT-3.14.4-3] [311:3.14.4-3] ' +
      '[trap 22]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      goodbye(world.connect({ level, will: willOf() }));
      expect(watcher.messages).toEqual([]);
    },
  );

  it('goes out after a DISCONNECT that is none [MQTT-3.14.1-1] [311:3.14.1-1] [trap 23]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    const client = world.connect({ level, will: willOf() });
    // In 3.1 any flags will do [V31-4], but no byte behind them.
    client.sendBytes(bytes(level === 3 ? 'e001 00' : 'e100'));
    expect(outcome(client)).toBe(level === 5 ? 'disconnect 0x81' : 'closed');
    expect(watcher.payloads).toEqual(['gone']);
  });

  it('goes out when the broker ends the connection for a fault [trap 22]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    world.connect({ level, will: willOf() }).sendBytes(bytes('2002 0000'));
    expect(watcher.payloads).toEqual(['gone']);
  });

  it('goes out when another client takes over [311:3.1.2-8] [trap 17]', () => {
    for (const isCleanStart of [true, false]) {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const properties = level === 5 ? KEPT : {};
      world.connect({ level, isCleanStart, will: willOf(), properties });
      world.connect({ level, isCleanStart, properties });
      expect(watcher.payloads).toEqual(['gone']);
    }
  });

  it(
    'is retained if it says so [MQTT-3.1.2-14] [MQTT-3.1.2-15] [311:3.1.2-16] ' + '[311:3.1.2-17]',
    () => {
      const world = new BrokerWorld();
      world.connect({ level, will: willOf() }).drop();
      const retained = willOf({ topicName: 'kept', isRetained: true });
      world.connect({ level, will: retained }).drop();
      const late = subscriberWith(world, [{ topicFilter: '#' }]);
      expect(late.messages).toMatchObject([{ topicName: 'kept', isRetained: true }]);
    },
  );

  it('has its QoS [trap 30]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will', 2);
    for (const qos of [0, 1, 2] as const) world.connect({ level, will: willOf({ qos }) }).drop();
    expect(watcher.messages.map(({ qos }) => qos)).toEqual([0, 1, 2]);
  });
});

it('is not sent where there is none [311:3.1.2-12]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('#');
  for (const level of LEVELS) world.connect({ level }).drop();
  expect(watcher.messages).toEqual([]);
});

it.each([0x04, 0x80, 0x98])(
  'goes out after DISCONNECT %i [MQTT-3.1.2-10] [trap 22]',
  (reasonCode) => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    goodbye(world.connect({ will: willOf() }), reasonCode);
    expect(watcher.payloads).toEqual(['gone']);
  },
);

describe('the properties of a will', () => {
  it(
    'go out with it, but for the delay [MQTT-3.1.3-10] [MQTT-3.3.2-4] [MQTT-3.3.2-15] ' +
      '[MQTT-3.3.2-16] [MQTT-3.3.2-20] [trap 30]',
    () => {
      const world = new BrokerWorld();
      const watcher = subscriberWith(world, [{ topicFilter: 'will' }]);
      const properties = {
        payloadFormatIndicator: 1,
        contentType: 'text/plain',
        responseTopic: 'answer',
        correlationData: Buffer.from([1, 2]),
        userProperty: [
          ['b', '1'],
          ['a', '2'],
          ['b', '1'],
        ] as const,
      };
      const will = willOf({ properties: { ...properties, willDelayInterval: 0 } });
      world.connect({ will }).drop();
      expect(watcher.messages[0]?.properties).toEqual(properties);
    },
  );

  it('count its expiry from when it is published [trap 30]', () => {
    const world = new BrokerWorld();
    const watcher = subscriberWith(world, [{ topicFilter: 'will' }]);
    const client = world.connect({ will: willOf({ properties: { messageExpiryInterval: 30 } }) });
    world.advance(1_000);
    client.drop();
    expect(watcher.messages[0]?.properties).toEqual({ messageExpiryInterval: 30 });
  });
});

it('clears a retained message where it is empty and retained [trap 30]', () => {
  const world = new BrokerWorld();
  world.connect({ will: willOf({ isRetained: true }) }).drop();
  world.connect({ will: willOf({ isRetained: true, payload: Buffer.alloc(0) }) }).drop();
  expect(subscriberWith(world, [{ topicFilter: '#' }]).messages).toEqual([]);
});

describe('a Will Delay', () => {
  const DELAYED = willOf({ properties: { willDelayInterval: 10 } });

  function setUp(sessionExpiryInterval: number) {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    const properties = { sessionExpiryInterval };
    return { world, watcher, client: world.connect({ will: DELAYED, properties }), properties };
  }

  it('is waited for [MQTT-3.1.2-8]', () => {
    const { client, watcher, world } = setUp(100);
    client.drop();
    world.advance(9);
    expect(watcher.messages).toEqual([]);
    world.advance(2);
    expect(watcher.payloads).toEqual(['gone']);
    world.advance(1_000);
    expect(watcher.messages).toHaveLength(1);
  });

  it('ends with the session, if that is sooner [trap 21]', () => {
    const { client, watcher, world } = setUp(5);
    client.drop();
    world.advance(4);
    expect(watcher.messages).toEqual([]);
    world.advance(2);
    expect(watcher.payloads).toEqual(['gone']);
  });

  it('is none where the session ends with the connection [trap 20]', () => {
    const { client, watcher } = setUp(0);
    client.drop();
    expect(watcher.payloads).toEqual(['gone']);
  });

  it('lets no will go out if the client comes back in time [MQTT-3.1.3-9]', () => {
    const { client, properties, watcher, world } = setUp(100);
    client.drop();
    world.advance(9);
    const again = world.connect({ isCleanStart: false, properties });
    world.advance(100);
    goodbye(again);
    world.advance(1_000);
    expect(watcher.messages).toEqual([]);
  });

  it('ends with its connection: the next one has its own will, or none [MQTT-3.1.3-9]', () => {
    for (const isCut of [true, false]) {
      const { client, properties, watcher, world } = setUp(100);
      if (isCut) client.drop();
      world.connect({ isCleanStart: false, properties }).drop();
      world.advance(1_000);
      expect(watcher.messages).toEqual([]);
    }
  });

  it('lets the will go out at once if the session is ended by Clean Start 1 [trap 19]', () => {
    const { client, properties, watcher, world } = setUp(100);
    client.drop();
    world.connect({ isCleanStart: true, properties });
    expect(watcher.payloads).toEqual(['gone']);
  });
});

describe('a Will Delay, when another client takes over', () => {
  const DELAYED = willOf({ properties: { willDelayInterval: 10 } });

  it.each([
    [100, false, [], true],
    [100, true, ['gone'], false],
    [0, false, ['gone'], false],
    [0, true, ['gone'], false],
  ])(
    'with expiry %i and Clean Start %s: %j [MQTT-3.1.3-9] [MQTT-3.1.2-8] [trap 18] ' +
      '[trap 19] [trap 20]',
    (sessionExpiryInterval, isCleanStart, wanted, isPresent) => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const properties = { sessionExpiryInterval };
      world.connect({ will: DELAYED, properties });
      const young = world.connect({ isCleanStart, properties });
      expect(watcher.payloads).toEqual(wanted);
      expect(connackOf(young).isSessionPresent).toBe(isPresent);
      world.advance(1_000);
      expect(watcher.payloads).toEqual(wanted);
    },
  );
});

it.each(['$SYS/broker/x', '$CONTROL/x', '$share/g/t'])('may not go to %s', (topicName) => {
  const world = new BrokerWorld();
  const will = willOf({ topicName });
  expect(outcome(world.connect({ will }))).toBe('connack 0x87');
  expect(outcome(world.connect({ will, level: 4 }))).toBe('connack 0x05');
});

it('of a bridge says that it is gone', () => {
  const world = new BrokerWorld();
  const will = willOf({ topicName: '$SYS/broker/connection/b1/state', isRetained: true });
  expect(outcome(world.connect({ will }))).toBe('open');
});

import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, connectPacket } from '../support/broker-world.ts';
import { KEPT, LEVELS, outcome, willOf } from '../support/conformance.ts';

describe.each(LEVELS)('CONNACK of level %i', (level) => {
  it(
    'comes first, and once [MQTT-3.1.4-5] [MQTT-3.2.0-1] [MQTT-3.2.0-2] [311:3.1.4-4] ' +
      '[311:3.2.0-1] [trap 3]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ level });
      client.send({ type: 'pingreq' });
      expect(client.received.map(({ type }) => type)).toEqual(['connack', 'pingresp']);
      expect(connackOf(client).reasonCode).toBe(0);
    },
  );
});

it('has nothing in its first byte but Session Present [MQTT-3.2.2-1]', () => {
  const world = new BrokerWorld();
  const flags: number[] = [];
  for (const isCleanStart of [true, false]) {
    const client = world.open();
    const { write } = client.channel;
    client.channel.write = (bytes) => {
      flags.push(bytes[2] ?? -1);
      return write.call(client.channel, bytes);
    };
    client.send(connectPacket({ isCleanStart, properties: KEPT }));
    client.drop();
  }
  expect(flags).toEqual([0, 1]);
});

describe('Session Present', () => {
  it.each([4, 5] as const)(
    'says in level %i whether there is one [MQTT-3.2.2-2] [MQTT-3.2.2-3] ' +
      '[311:3.2.2-1] [311:3.2.2-2] [311:3.2.2-3] [trap 13]',
    (level) => {
      const world = new BrokerWorld();
      const properties = level === 5 ? KEPT : {};
      const connect = (isCleanStart: boolean): boolean => {
        const client = world.connect({ level, isCleanStart, properties });
        const { isSessionPresent, reasonCode } = connackOf(client);
        expect(reasonCode).toBe(0);
        client.drop();
        return isSessionPresent;
      };
      expect([false, false, true, false, true].map((clean) => connect(clean))).toEqual(
        level === 5 ? [false, true, false, true, false] : [false, true, false, false, false],
      );
    },
  );

  it('is 1 as soon as there is a session, though it holds nothing [trap 13]', () => {
    const world = new BrokerWorld();
    world.connect({ properties: KEPT }).drop();
    expect(connackOf(world.connect({ isCleanStart: false })).isSessionPresent).toBe(true);
  });

  it(
    'is 0 in a refusal [MQTT-3.2.2-6] [MQTT-3.2.2-7] [311:3.2.2-4] [311:3.2.2-5] ' + '[trap 13]',
    () => {
      const world = new BrokerWorld();
      const will = willOf({ topicName: '$SYS/x' });
      for (const [level, code] of [
        [4, 5],
        [5, 0x87],
      ] as const) {
        world.connect({ level, isCleanStart: false, properties: level === 5 ? KEPT : {} }).drop();
        const client = world.connect({ level, isCleanStart: false, will });
        expect(connackOf(client)).toMatchObject({ reasonCode: code, isSessionPresent: false });
        expect(client.isClosed).toBe(true);
      }
    },
  );
});

it(
  'refuses by a code of its own version, or without a word [MQTT-3.2.2-8] ' +
    '[MQTT-3.1.4-2] [311:3.2.2-6] [trap 3]',
  () => {
    const world = new BrokerWorld({ topicSlashesMax: 0 });
    const will = willOf({ topicName: 'a/b' });
    expect(outcome(world.connect({ will }))).toBe('connack 0x90');
    const four = world.connect({ will, level: 4 });
    expect([outcome(four), four.received]).toEqual(['closed', []]);
  },
);

describe('properties', () => {
  it('announce limits, and none that the standard forbids to say [MQTT-3.2.2-9] [trap 12]', () => {
    const world = new BrokerWorld({
      receiveMaximum: 7,
      packetBytesMax: 5_000,
      topicAliasMaximum: 3,
    });
    expect(connackOf(world.connect()).properties).toEqual({
      receiveMaximum: 7,
      maximumPacketSize: 5_000,
      topicAliasMaximum: 3,
    });
    const without = new BrokerWorld({ topicAliasMaximum: 0 });
    expect(connackOf(without.connect()).properties.topicAliasMaximum).toBeUndefined();
  });

  it('say so where a session will not be kept as long as was asked [trap 27]', () => {
    const world = new BrokerWorld({ sessionExpirySecondsMax: 60 });
    const ask = (sessionExpiryInterval: number): number | undefined =>
      connackOf(world.connect({ properties: { sessionExpiryInterval } })).properties
        .sessionExpiryInterval;
    expect([ask(60), ask(61), ask(0xffff_ffff)]).toEqual([undefined, 60, 60]);
  });

  it(
    'hold no Response Information that was not asked for, nor an Authentication Method ' +
      '[MQTT-3.1.2-28] [MQTT-4.12.0-6] [trap 83]',
    () => {
      const { properties } = connackOf(new BrokerWorld().connect());
      expect(properties.responseInformation).toBeUndefined();
      expect(properties.authenticationMethod).toBeUndefined();
    },
  );

  it('name response topics to who asks for them [MQTT-3.1.2-28]', () => {
    const world = new BrokerWorld({ responseInformation: 'reply/%c' });
    const ask = (clientId: string, requestResponseInformation: number): string | undefined =>
      connackOf(world.connect({ clientId, properties: { requestResponseInformation } })).properties
        .responseInformation;
    expect([ask('a', 1), ask('b', 0), ask('', 1)]).toEqual([
      'reply/a',
      undefined,
      expect.stringMatching(/^reply\/auto-\d+$/),
    ]);
  });

  it('leave the keep alive to the client, whose own then holds [MQTT-3.2.2-22]', () => {
    const world = new BrokerWorld();
    const client = world.connect({ keepAliveSeconds: 60_000 });
    expect(connackOf(client).properties.serverKeepAlive).toBeUndefined();
    world.advance(89_999);
    expect(outcome(client)).toBe('open');
    world.advance(2);
    expect(outcome(client)).toBe('disconnect 0x8d');
  });

  it('give another keep alive than the client asked for, which then holds', () => {
    const world = new BrokerWorld({ keepAliveSecondsMax: 10 });
    for (const keepAliveSeconds of [0, 11, 65_535]) {
      const client = world.connect({ keepAliveSeconds, clientId: `k${keepAliveSeconds}` });
      expect(connackOf(client).properties.serverKeepAlive).toBe(10);
      world.advance(15.1);
      expect(outcome(client)).toBe('disconnect 0x8d');
    }
  });
});

describe('a client that takes small packets', () => {
  it(
    'gets CONNACK without a Reason String where that is too much [MQTT-3.2.2-19] ' +
      '[MQTT-3.2.2-20] [trap 15]',
    () => {
      const world = new BrokerWorld();
      const authenticationMethod = 'x';
      const properties = { authenticationMethod, maximumPacketSize: 10 };
      const client = world.connect({ properties });
      expect(client.received).toEqual([
        { type: 'connack', isSessionPresent: false, reasonCode: 0x8c, properties: {} },
      ]);
      const roomy = world.connect({ properties: { authenticationMethod, maximumPacketSize: 200 } });
      expect(connackOf(roomy).properties.reasonString).toContain('authentication method');
    },
  );

  it('is closed where even the CONNACK that refuses it is too much [MQTT-4.13.2-1]', () => {
    const world = new BrokerWorld();
    const properties = { authenticationMethod: 'x', maximumPacketSize: 4 };
    const client = world.connect({ properties });
    expect([outcome(client), client.received]).toEqual(['closed', []]);
  });

  it('is accepted without Response Information where that is too much [MQTT-3.1.2-24]', () => {
    const world = new BrokerWorld({ responseInformation: 'x'.repeat(100) });
    const properties = { requestResponseInformation: 1, maximumPacketSize: 100 };
    const { properties: given, reasonCode } = connackOf(world.connect({ properties }));
    expect([reasonCode, given.responseInformation]).toEqual([0, undefined]);
    expect(given.maximumPacketSize).toBe(16_777_216);
  });

  it('gets no CONNACK where even that is too much [MQTT-3.1.2-24] [trap 15]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    const client = world.connect({ will: willOf(), properties: { maximumPacketSize: 4 } });
    expect([outcome(client), client.received]).toEqual(['closed', []]);
    expect(watcher.messages).toEqual([]);
  });
});

it('refuses an authentication method that it does not know [MQTT-4.12.0-1] [MQTT-4.12.0-4]', () => {
  const properties = { authenticationMethod: 'GS2-KRB5' };
  expect(outcome(new BrokerWorld().connect({ properties }))).toBe('connack 0x8c');
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, connectPacket, subscribePacket } from '../support/broker-world.ts';
import {
  bytes,
  connectBytes,
  KEPT,
  LEVELS,
  message,
  outcome,
  willOf,
} from '../support/conformance.ts';
import { heldWorld } from '../support/held-backend.ts';
import { hex } from '../support/hex.ts';

function answerTo(connect: Buffer): string {
  const client = new BrokerWorld().open();
  // The answer has the form of 5.0 where it has a reason code of 5.0.
  client.level = connect[connect.indexOf('MQTT') + 4] === 4 ? 4 : 5;
  client.sendBytes(connect);
  return outcome(client);
}

describe('the first packet', () => {
  it.each(['c000', '3003 0001 61', 'e000', '8206 0001 0001 61 00', 'f000', '0000', '2000', '4745'])(
    'has to be CONNECT: %s is answered by closing alone [MQTT-3.1.0-1] [311:3.1.0-1] ' +
      '[MQTT-3.14.0-1] [trap 1] [trap 3]',
    (hex) => {
      const world = new BrokerWorld();
      const client = world.open();
      client.sendBytes(bytes(hex));
      expect([outcome(client), client.received]).toEqual(['closed', []]);
    },
  );

  it('is refused by its header, before memory is spent on its body [trap 1]', () => {
    const world = new BrokerWorld();
    const client = world.open();
    client.sendBytes(bytes('10 ffffff7f 0004 4d515454 05'));
    expect(outcome(client)).toBe('connack 0x95');
  });

  it('may not come twice [MQTT-3.1.0-2] [trap 2]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    const client = world.connect({ will: willOf(), properties: KEPT });
    client.send(connectPacket());
    expect(outcome(client)).toBe('disconnect 0x82');
    expect(watcher.payloads).toEqual(['gone']);
    expect(connackOf(world.connect({ isCleanStart: false })).isSessionPresent).toBe(true);
  });

  it.each([3, 4] as const)(
    'may not come twice in level %i either [311:3.1.0-2] [trap 2]',
    (level) => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const client = world.connect({ will: willOf(), level });
      client.send(connectPacket({ level }));
      expect([outcome(client), client.received.length]).toEqual(['closed', 1]);
      expect(watcher.payloads).toEqual(['gone']);
    },
  );
});

it('is the second one whatever it holds: the first is answered [MQTT-3.1.0-2] [trap 2]', () => {
  const wrong = [
    connectBytes({ name: 'MQTTX' }),
    connectBytes({ level: 120 }),
    connectBytes({ flags: 0xff }),
    hex`1101 00`,
  ];
  for (const bytes of wrong) {
    const client = new BrokerWorld().open();
    client.sendBytes(Buffer.concat([connectBytes({}), hex`c000`, bytes]));
    expect(client.received.map(({ type }) => type)).toEqual(['connack', 'pingresp', 'disconnect']);
    expect(outcome(client)).toBe('disconnect 0x82');
  }
});

describe('the version', () => {
  it('is told by the name first: another name gets no answer [MQTT-3.1.2-1] [311:3.1.2-1]', () => {
    for (const name of ['MQTTX', 'mqtt', 'MQIsdX', 'HTTP']) {
      expect(answerTo(connectBytes({ name, level: 4 })), name).toBe('closed');
    }
  });

  it('above 5 is refused in the form of 5.0 [MQTT-3.1.2-2] [trap 5]', () => {
    expect(answerTo(connectBytes({ level: 6 }))).toBe('connack 0x84');
    expect(answerTo(connectBytes({ level: 0x85 }))).toBe('connack 0x84');
  });

  it.each([
    ['MQTT', 0],
    ['MQTT', 3],
    ['MQIsdp', 4],
    ['MQIsdp', 0x83],
  ])('%s %i is refused with 0x01 [311:3.1.2-2] [V31-30] [trap 5]', (name, level) => {
    const client = new BrokerWorld().open();
    client.level = 4;
    client.sendBytes(connectBytes({ name, level }));
    expect(client.received).toMatchObject([
      { type: 'connack', reasonCode: 1, isSessionPresent: false },
    ]);
    expect(client.isClosed).toBe(true);
  });
});

describe('a CONNECT that breaks a rule [MQTT-3.1.4-1] [311:3.1.4-1]', () => {
  it.each([
    ['the reserved flag [MQTT-3.1.2-3] [311:3.1.2-3] [trap 6]', 0x03, '0002 6331'],
    [
      'Will QoS without a will [MQTT-3.1.2-11] [311:3.1.2-11] [311:3.1.2-13] [trap 7]',
      0x0a,
      '0002 6331',
    ],
    ['Will Retain without a will [MQTT-3.1.2-13] [311:3.1.2-15] [trap 7]', 0x22, '0002 6331'],
    ['no client id [MQTT-3.1.3-3] [311:3.1.3-3]', 0x02, ''],
    ['a client id that is no UTF-8 [MQTT-3.1.3-4] [311:3.1.3-4] [trap 39]', 0x02, '0002 c328'],
    ['U+0000 in the client id [MQTT-1.5.4-2] [311:1.5.3-2]', 0x02, '0001 00'],
    ['a surrogate in it [MQTT-1.5.4-1] [311:1.5.3-1]', 0x02, '0003 eda080'],
    ['no user name, though flagged [MQTT-3.1.2-17] [311:3.1.2-19] [trap 8]', 0x82, '0002 6331'],
    ['no password, though flagged [MQTT-3.1.2-19] [311:3.1.2-21]', 0xc2, '0002 6331 0001 75'],
    [
      'a user name, though not flagged [MQTT-3.1.2-16] [311:3.1.2-18] [trap 8]',
      0x02,
      '0002 6331 0001 75',
    ],
    [
      'a password, though not flagged [MQTT-3.1.2-18] [311:3.1.2-20]',
      0x82,
      '0002 6331 0001 75 0001 70',
    ],
    ['a user name that is no UTF-8 [MQTT-3.1.3-12] [311:3.1.3-11]', 0x82, '0002 6331 0001 ff'],
  ])('%s: malformed, or closed without a word', (_rule, flags, payload) => {
    expect(answerTo(connectBytes({ flags, payload }))).toBe('connack 0x81');
    expect(answerTo(connectBytes({ flags, payload, level: 4 }))).toBe('closed');
  });

  it.each([
    ['Will QoS 3 [MQTT-3.1.2-12] [311:3.1.2-14] [trap 7]', 0x1e, '00', '0001 77 0000'],
    ['no will [MQTT-3.1.2-9] [311:3.1.2-9]', 0x06, '', ''],
    ['half a will [MQTT-3.1.2-9] [311:3.1.2-9] [trap 8]', 0x06, '00', '0001 77'],
    [
      'a wildcard in the will topic [MQTT-4.7.0-1] [311:4.7.1-1] [trap 38]',
      0x06,
      '00',
      '0001 23 0000',
    ],
    ['a will topic that is no UTF-8 [MQTT-3.1.3-11] [311:3.1.3-10]', 0x06, '00', '0001 ff 0000'],
  ])('%s', (_rule, flags, properties, will) => {
    const five = connectBytes({ flags, payload: `0002 6331 ${properties} ${will}` });
    expect(answerTo(five)).toBe('connack 0x81');
    expect(answerTo(connectBytes({ flags, payload: `0002 6331 ${will}`, level: 4 }))).toBe(
      'closed',
    );
  });

  it('an empty will topic [MQTT-4.7.3-1] [311:4.7.3-1]', () => {
    const five = connectBytes({ flags: 0x06, payload: '0002 6331 00 0000 0000' });
    expect(answerTo(five)).toBe('connack 0x82');
  });

  it.each([
    ['a property of another packet [trap 42]', '02 01 00', 0x81],
    ['an unknown property [trap 42]', '02 7e 00', 0x81],
    ['Receive Maximum twice [trap 42]', '06 21 0001 21 0001', 0x82],
    ['Receive Maximum 0', '03 21 0000', 0x82],
    ['Maximum Packet Size 0', '05 27 00000000', 0x82],
    ['Request Problem Information 2 [trap 42]', '02 17 02', 0x82],
    ['Authentication Data without a method', '04 16 0001 00', 0x82],
    ['a Property Length past the end [trap 42]', '7f 21 0001', 0x81],
    ['a Property Length that is not minimal [MQTT-1.5.5-1] [trap 41]', '8000', 0x81],
  ])('%s', (_fault, properties, code) => {
    expect(answerTo(connectBytes({ properties }))).toBe(`connack 0x${code.toString(16)}`);
  });

  it('flags in its first byte [MQTT-2.1.3-1] [311:2.2.2-1] [311:2.2.2-2]', () => {
    expect(answerTo(connectBytes({ firstByte: 0x11 }))).toBe('connack 0x81');
    expect(answerTo(connectBytes({ firstByte: 0x11, level: 4 }))).toBe('closed');
  });

  it('a password without a user name, before 5.0 [311:3.1.2-22] [trap 9]', () => {
    const parts = { flags: 0x42, payload: '0002 6331 0001 70' };
    expect(answerTo(connectBytes({ ...parts, level: 4 }))).toBe('closed');
    expect(answerTo(connectBytes(parts))).toBe('open');
  });
});

describe('the client id', () => {
  it.each(LEVELS)(
    'may be 1 to 23 letters and digits in level %i [MQTT-3.1.3-5] [311:3.1.3-5]',
    (level) => {
      const world = new BrokerWorld();
      for (const clientId of ['a', '0123456789abcdefXYZ0123']) {
        expect(connackOf(world.connect({ clientId, level })).reasonCode).toBe(0);
      }
    },
  );

  it.each([4, 5] as const)(
    'may be longer in level %i, and of any characters [trap 11]',
    (level) => {
      const world = new BrokerWorld();
      for (const clientId of ['x'.repeat(24), 'x'.repeat(1_000), 'a/b +#$ \u00e9\ud83d\ude00']) {
        expect(connackOf(world.connect({ clientId, level })).reasonCode).toBe(0);
        expect(world.core.sessions.find(clientId)).toBeDefined();
      }
    },
  );

  it(
    'is assigned where it is empty, whatever Clean Start says [MQTT-3.1.3-6] ' +
      '[MQTT-3.1.3-7] [MQTT-3.2.2-16] [trap 10]',
    () => {
      const world = new BrokerWorld();
      const ids = [true, false].map((isCleanStart) => {
        const connack = connackOf(world.connect({ clientId: '', isCleanStart, properties: KEPT }));
        expect(connack).toMatchObject({ reasonCode: 0, isSessionPresent: false });
        return connack.properties.assignedClientIdentifier;
      });
      expect(new Set(ids).size).toBe(2);
      expect(ids.every((id) => id !== undefined && id !== '')).toBe(true);
    },
  );

  it(
    'may be empty in 3.1.1 for a clean session alone [311:3.1.3-6] [311:3.1.3-7] ' +
      '[311:3.1.3-8] [311:3.1.3-9] [trap 10]',
    () => {
      const world = new BrokerWorld();
      const clients = [1, 2].map(() => world.connect({ clientId: '', level: 4 }));
      for (const client of clients) {
        expect(connackOf(client)).toMatchObject({ reasonCode: 0, isSessionPresent: false });
        client.send(subscribePacket([{ topicFilter: 't' }]));
      }
      world.connect().send(message('x'));
      expect(clients.map(({ payloads }) => payloads)).toEqual([['x'], ['x']]);
      expect(answerTo(connectBytes({ level: 4, flags: 0, payload: '0000' }))).toBe('connack 0x02');
    },
  );
});

it(
  'does nothing of what stands behind a refused CONNECT [MQTT-3.1.4-6] [311:3.1.4-5] ' + '[trap 4]',
  () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t');
    const will = willOf({ topicName: '$SYS/x' });
    for (const [level, wanted] of [
      [5, 'connack 0x87'],
      [4, 'connack 0x05'],
      [3, 'connack 0x05'],
    ] as const) {
      const client = world.open();
      client.level = level;
      client.send(connectPacket({ level, will }), message('x'), { type: 'pingreq' });
      expect([outcome(client), client.received.length]).toEqual([wanted, 1]);
    }
    expect(watcher.messages).toEqual([]);
  },
);

it('does what stands behind an accepted CONNECT, in order [trap 4]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('t');
  const client = world.open();
  client.send(connectPacket(), message('1'), message('2'));
  expect(watcher.payloads).toEqual(['1', '2']);
});

it('refuses a client that sends more than CONNECT may have before it is answered', () => {
  const { world } = heldWorld({ connectBytesMax: 1_000 });
  const client = world.open();
  const rest = message('x'.repeat(1_000));
  client.send(connectPacket(), rest);
  expect(outcome(client)).toBe('connack 0x95');
});

it('keeps U+FEFF where a client has written it [MQTT-1.5.4-3] [311:1.5.3-3] [trap 39]', () => {
  for (const level of LEVELS) {
    const world = new BrokerWorld();
    world.open().sendBytes(connectBytes({ level, payload: '0005 efbbbf 6331' }));
    expect(world.core.sessions.find('\ufeffc1')).toBeDefined();
  }
});

it('takes properties with empty texts, in any order [trap 42]', () => {
  const client = new BrokerWorld().open();
  client.sendBytes(connectBytes({ properties: '0d 26 0000 0000 21 0001 11 00000005' }));
  expect(outcome(client)).toBe('open');
});

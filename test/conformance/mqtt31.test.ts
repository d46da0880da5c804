import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, connectPacket, subscribePacket } from '../support/broker-world.ts';
import {
  bytes,
  connectBytes,
  frame,
  message,
  outcome,
  publish,
  willOf,
} from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

const OLD = { level: 3, clientId: 'old' } as const;

function answerTo(parts: Parameters<typeof connectBytes>[0]): string {
  const client = new BrokerWorld().open();
  client.level = 3;
  client.sendBytes(connectBytes({ level: 3, ...parts }));
  return outcome(client);
}

describe('CONNECT of 3.1', () => {
  it('begins with MQIsdp and 3 [V31-1] [V31-2]', () => {
    expect(answerTo({})).toBe('open');
    expect(answerTo({ name: 'MQTT' })).toBe('connack 0x01');
  });

  it('may set the reserved flag, and flags of its first byte [V31-3] [V31-4] [trap 6]', () => {
    expect(answerTo({ flags: 0x03 })).toBe('open');
    expect(answerTo({ firstByte: 0x1f })).toBe('open');
  });

  it('may set bits of a will that it does not have [V31-13]', () => {
    expect(answerTo({ flags: 0x3a })).toBe('open');
  });

  it.each([
    ['0000', 'connack 0x02'],
    ['0018 303132333435363738396162636465666768696a6b6c6d6e', 'connack 0x02'],
    ['0017 303132333435363738396162636465666768696a6b6c6d', 'open'],
  ])('has a client id of 1 to 23 characters: %s [V31-7] [V31-8] [trap 10]', (payload, wanted) => {
    expect(answerTo({ payload })).toBe(wanted);
  });

  it('may end before the user name or password that it announces [V31-11] [trap 8]', () => {
    expect(answerTo({ flags: 0xc2 })).toBe('open');
    expect(answerTo({ flags: 0xc2, payload: '0002 6331 0001 75' })).toBe('open');
  });

  it('has a password of any bytes [V31-10]', () => {
    expect(answerTo({ flags: 0xc2, payload: '0002 6331 0001 75 0002 00ff' })).toBe('open');
  });

  it('holds no text in the form that Java once wrote [V31-20]', () => {
    expect(answerTo({ payload: '0002 c080' })).toBe('closed');
    expect(answerTo({ payload: '0006 eda0bdedb880' })).toBe('closed');
  });

  it('is refused by codes 1 to 5 [V31-16]', () => {
    const world = new BrokerWorld();
    const refused = world.connect({ ...OLD, will: willOf({ topicName: '$SYS/x' }) });
    expect(outcome(refused)).toBe('connack 0x05');
    expect(answerTo({ name: 'MQTT' })).toBe('connack 0x01');
    expect(answerTo({ payload: '0000' })).toBe('connack 0x02');
  });

  it('may be followed by packets before it is answered [V31-32]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t');
    const client = world.open();
    client.level = 3;
    client.send(connectPacket(OLD), message('1'), { type: 'pingreq' });
    expect(client.received.map(({ type }) => type)).toEqual(['connack', 'pingresp']);
    expect(watcher.payloads).toEqual(['1']);
  });

  it('has no password without a user name [V31-12]', () => {
    expect(answerTo({ flags: 0x42, payload: '0002 6331 0001 70' })).toBe('closed');
  });

  it('is answered with 0 in the first byte, whatever session there is [V31-15] [V31-42]', () => {
    const world = new BrokerWorld();
    world.connect({ ...OLD, isCleanStart: false }).drop();
    const client = world.connect({ ...OLD, isCleanStart: false });
    expect(client.bytesReceived).toBe(4);
    expect(connackOf(client)).toMatchObject({ isSessionPresent: false, reasonCode: 0 });
    expect(world.core.sessions.size).toBe(1);
  });
});

describe('packets of 3.1', () => {
  it('may carry flags that later versions forbid [V31-4] [V31-5]', () => {
    const client = new BrokerWorld().connect(OLD);
    for (const hex of [
      'c100',
      '4f02 0001',
      '6a02 0001',
      '8a06 0001 0001 61 00',
      'aa05 0002 0001 61',
    ]) {
      client.sendBytes(bytes(hex));
    }
    expect(client.received.map(({ type }) => type)).toEqual([
      'connack',
      'pingresp',
      'pubcomp',
      'suback',
      'unsuback',
    ]);
  });

  it('have no id 0 [V31-21]', () => {
    const client = new BrokerWorld().connect(OLD);
    client.sendBytes(frame(0x32, '0001 74 0000'));
    expect(outcome(client)).toBe('closed');
  });

  it('ask for QoS in the lower two bits, and not for 3 [V31-18]', () => {
    const client = new BrokerWorld().connect(OLD);
    client.sendBytes(frame(0x82, '0001 0001 74 fd'));
    expect(client.last).toMatchObject({ type: 'suback', reasonCodes: [1] });
    client.sendBytes(frame(0x82, '0001 0001 74 03'));
    expect(outcome(client)).toBe('closed');
  });

  it('that break a rule end the connection without a word, as if it were lost [V31-50]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    for (const hex of ['d000', '3605 0001 74 0001', '0000', 'f000', '8202 0001']) {
      const client = world.connect({ ...OLD, will: willOf() });
      client.take();
      client.sendBytes(bytes(hex));
      expect([outcome(client), client.received], hex).toEqual(['closed', []]);
    }
    expect(watcher.messages).toHaveLength(5);
  });

  it('may have a topic of 65,535 bytes [V31-19]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('#');
    const topicName = 'x'.repeat(65_535);
    world.connect(OLD).send(message('x', { topicName }));
    expect(watcher.messages).toMatchObject([{ topicName }]);
  });

  it('pass a QoS 2 message on when it comes, and not again at PUBREL [V31-37]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t', 2);
    const client = world.connect(OLD);
    client.send(message('x', { qos: 2 }));
    expect(watcher.payloads).toEqual(['x']);
    client.send(ackPacket('pubrel', 1));
    expect(watcher.payloads).toEqual(['x']);
  });

  it('take any length, as 3.1.1 [V31-24]', () => {
    const client = new BrokerWorld().connect(OLD);
    client.sendBytes(bytes('c0 8000'));
    expect(client.last).toEqual({ type: 'pingresp' });
  });
});

describe('what 3.1 cannot say', () => {
  it('a refused filter: it is granted, and gets nothing [V31-17] [V31-34] [trap 85]', () => {
    const world = new BrokerWorld({ topicSlashesMax: 0 });
    const client = world.connect(OLD);
    client.send(subscribePacket([{ topicFilter: 'a/b', qos: 1 }]));
    expect(client.last).toMatchObject({ reasonCodes: [1] });
    expect(world.core.router.subscriptionCount).toBe(0);
  });

  it('a refused message: it is acked [V31-33] [trap 85]', () => {
    const client = new BrokerWorld().connect(OLD);
    client.send(message('x', { qos: 1, topicName: '$SYS/x' }));
    expect(client.last).toEqual(ackPacket('puback', 1));
  });
});

it('keeps a session of 3.1 while its client is away, but no QoS 0 [V31-41]', () => {
  const world = new BrokerWorld();
  world.subscriber('t', 1, { ...OLD, isCleanStart: false }).drop();
  publish(world, message('0'), message('1', { qos: 1 }));
  expect(world.connect({ ...OLD, isCleanStart: false }).payloads).toEqual(['1']);
});

it('drops the session of a clean client when it goes [V31-51]', () => {
  const world = new BrokerWorld();
  world.connect(OLD).send({ type: 'disconnect', reasonCode: 0, properties: {} });
  expect(world.core.sessions.size).toBe(0);
});

it('sends again what a client of 3.1 has not acked, when it comes back [V31-35] [V31-6]', () => {
  const world = new BrokerWorld();
  const client = world.subscriber('t', 1, { ...OLD, isCleanStart: false });
  publish(world, message('x', { qos: 1 }));
  client.drop();
  const again = world.connect({ ...OLD, isCleanStart: false });
  expect(again.messages).toMatchObject([{ isDuplicate: true, payload: Buffer.from('x') }]);
});

it('publishes a will as the text that it is, which may be empty [V31-9] [V31-40]', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('will');
  for (const text of ['gone', '']) {
    world.connect({ ...OLD, will: willOf({ payload: Buffer.from(text) }) }).drop();
  }
  expect(watcher.payloads).toEqual(['gone', '']);
});

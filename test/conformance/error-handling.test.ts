import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, connackOf, subscribePacket } from '../support/broker-world.ts';
import { bytes, frame, LEVELS, message, outcome, publish } from '../support/conformance.ts';
import { heldWorld } from '../support/held-backend.ts';

describe.each([4, 5] as const)('a client of level %i is sent away for', (level) => {
  const wanted = (code: number): string =>
    level === 5 ? `disconnect 0x${code.toString(16)}` : 'closed';

  it.each([
    ['CONNACK [MQTT-4.13.1-1] [311:4.8.0-1] [trap 45]', '2002 0000', 0x82],
    ['SUBACK', '9003 0001 00', 0x82],
    ['UNSUBACK', 'b002 0001', 0x82],
    ['PINGRESP', 'd000', 0x82],
    ['type 0 [trap 45]', '0000', 0x81],
    ['flags of PINGREQ [MQTT-2.1.3-1] [311:2.2.2-1] [311:2.2.2-2]', 'c100', 0x81],
    ['flags of PUBACK', '4102 0001', 0x81],
    ['flags of PUBREL [MQTT-3.6.1-1] [311:3.6.1-1]', '6002 0001', 0x81],
    ['PINGREQ with a body [trap 44]', 'c001 00', 0x81],
    ['PUBACK without an id', '4001 00', 0x81],
    ['PUBACK with id 0 [MQTT-2.2.1-3] [trap 36]', '4002 0000', 0x82],
    ['PUBREC with id 0', '5002 0000', 0x82],
    ['PUBREL with id 0', '6202 0000', 0x82],
    ['PUBCOMP with id 0', '7002 0000', 0x82],
    ['a length of five bytes', '30 ffffffff7f', 0x81],
  ])('%s', (_fault, hex, code) => {
    const client = new BrokerWorld().connect({ level });
    client.sendBytes(bytes(hex));
    expect(outcome(client)).toBe(wanted(code));
  });
});

it.each([
  ['4003 0001 00', '3.1.1 has no reason codes'],
  ['f000', 'type 15 is reserved there'],
])('refuses %s before 5.0: %s [trap 44]', (hex) => {
  const client = new BrokerWorld().connect({ level: 4 });
  client.sendBytes(bytes(hex));
  expect(outcome(client)).toBe('closed');
});

describe('reason codes', () => {
  it.each([
    ['PUBACK [MQTT-3.4.2-1] [trap 46]', 0x40, ['01', '10', '92', 'ff']],
    ['PUBREC [MQTT-3.5.2-1] [trap 46]', 0x50, ['01', '10', '93', 'ff']],
    ['PUBREL [MQTT-3.6.2-1]', 0x62, ['01', '80', 'ff']],
    ['PUBCOMP [MQTT-3.7.2-1]', 0x70, ['01', '80', 'ff']],
  ] as const)('of %s are those of the standard', (_name, firstByte, codes) => {
    for (const code of codes) {
      const client = new BrokerWorld().connect();
      client.sendBytes(frame(firstByte, `0001 ${code}`));
      expect(outcome(client), code).toBe('disconnect 0x82');
    }
  });

  it('may be left out, with the properties [trap 43]', () => {
    const client = new BrokerWorld().connect();
    for (const firstByte of [0x40, 0x62, 0x70]) {
      for (const body of ['0009', '0009 00', '0009 00 00', '0009 00 05 1f 0002 6f6b']) {
        client.sendBytes(frame(firstByte, body));
      }
    }
    expect(outcome(client)).toBe('open');
  });
});

describe('AUTH', () => {
  it.each([
    ['with a method [MQTT-4.12.0-7] [MQTT-4.12.1-1] [trap 60]', '19 04 15 0001 61'],
    ['to go on [MQTT-4.12.0-3]', '18 04 15 0001 61'],
    ['without a method [trap 60]', ''],
    ['of the server [MQTT-3.15.2-1]', '00 04 15 0001 61'],
  ])('%s is refused where CONNECT named no method', (_what, body) => {
    const client = new BrokerWorld().connect();
    client.sendBytes(frame(0xf0, body));
    expect(outcome(client)).toBe('disconnect 0x82');
  });

  it('with flags is refused [MQTT-3.15.1-1]', () => {
    const client = new BrokerWorld().connect();
    client.sendBytes(frame(0xf1, '18 04 15 0001 61'));
    expect(outcome(client)).toBe('disconnect 0x81');
  });

  it('is not waited for behind a CONNECT with a method [MQTT-3.1.2-30] [MQTT-3.1.4-6]', () => {
    const client = new BrokerWorld().connect({ properties: { authenticationMethod: 'x' } });
    client.sendBytes(frame(0xf0, '18 04 15 0001 78'));
    expect(client.received).toHaveLength(1);
  });
});

describe('Request Problem Information 0', () => {
  const properties = { requestProblemInformation: 0 };

  it(
    'keeps Reason Strings away, and no User Property of a message [MQTT-3.1.2-29] ' + '[trap 82]',
    () => {
      const world = new BrokerWorld({ topicSlashesMax: 0 });
      const client = world.connect({ clientId: 's', properties });
      client.send(subscribePacket([{ topicFilter: 't' }, { topicFilter: 'a/b' }]));
      client.send(message('x', { topicName: 'a/b', qos: 1 }));
      client.send({ type: 'unsubscribe', packetId: 1, properties: {}, topicFilters: ['x'] });
      for (const packet of client.take().slice(1)) expect(packet).toHaveProperty('properties', {});
      const userProperty = [['a', 'b']] as const;
      publish(world, message('x', { properties: { userProperty } }));
      expect(client.messages[0]?.properties).toEqual({ userProperty });
    },
  );
});

describe('forwarded properties', () => {
  it(
    'go on as they came, in their order [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] ' +
      '[MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] [trap 84]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's' });
      client.send(subscribePacket([{ topicFilter: 't', qos: 1 }]));
      const properties = {
        payloadFormatIndicator: 1,
        contentType: '',
        responseTopic: 'r/1',
        correlationData: Buffer.from([0, 255]),
        userProperty: [
          ['z', ''],
          ['', 'a'],
          ['z', ''],
        ] as const,
      };
      const notUtf8 = Buffer.from([0xff]);
      publish(world, message('', { properties, payload: notUtf8, qos: 1 }));
      expect(client.messages).toMatchObject([{ properties, payload: notUtf8 }]);
    },
  );
});

it('does nothing for a client once it has ended it', () => {
  const world = new BrokerWorld();
  const watcher = world.subscriber('t');
  const client = world.connect();
  const bad = Buffer.from('d000', 'hex');
  client.sendBytes(Buffer.concat([client.encode(message('1')), bad, client.encode(message('2'))]));
  expect(watcher.payloads).toEqual(['1']);
});

it('ends the connection on which a transient error happened [311:4.8.0-2]', () => {
  const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver');
  const client = world.connect({ level: 4 });
  client.send(message('x', { qos: 1 }));
  backend.next('safe', new Error('disk full'));
  world.settle();
  expect(outcome(client)).toBe('closed');
});

it.each(LEVELS)('bears any bytes behind a CONNECT of level %i, and serves others', (level) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 'c', level });
      client.sendBytes(Buffer.from(noise));
      expect(world.log).not.toContain('internal_error');
      const other = world.connect({ clientId: 'other', level });
      expect(connackOf(other).reasonCode).toBe(0);
      client.drop();
      other.drop();
      const { connections, deadlines, sessions } = world.core;
      expect([connections.size, sessions.size, deadlines.size]).toEqual([0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});

it('bears any bytes at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
      const world = new BrokerWorld();
      const client = world.open();
      client.sendBytes(Buffer.from(noise));
      expect(world.log).not.toContain('internal_error');
      world.advance(20);
      expect([client.isClosed, world.core.connections.size]).toEqual([true, 0]);
    }),
    { numRuns: 300 },
  );
});

import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { bytes, frame, LEVELS, message, outcome, willOf } from '../support/conformance.ts';

describe.each(LEVELS)('DISCONNECT of level %i', (level) => {
  it(
    'closes, and what stands behind it is not read [MQTT-3.14.4-1] [MQTT-3.14.4-2] ' +
      '[311:3.14.4-2]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('t');
      const client = world.connect({ level });
      client.take();
      const goodbye = { type: 'disconnect', reasonCode: 0, properties: {} } as const;
      client.send(message('1'), goodbye, message('2'), { type: 'pingreq' });
      expect([client.isClosed, client.received, watcher.payloads]).toEqual([true, [], ['1']]);
    },
  );
});

describe('DISCONNECT is none', () => {
  it.each([
    ['with flags [MQTT-3.14.1-1] [311:3.14.1-1] [trap 23]', 'e100', 0x81, [4, 5]],
    ['with a reason that is none [MQTT-3.14.2-1] [trap 23]', 'e001 ff', 0x82, LEVELS],
    ['with bytes behind its end [trap 23]', 'e003 00 00 ff', 0x81, LEVELS],
    ['with half a property [trap 23]', 'e003 00 01 11', 0x81, LEVELS],
  ] as const)('%s: its client is lost', (_fault, hex, code, levels) => {
    for (const level of levels) {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const client = world.connect({ level, will: willOf() });
      client.sendBytes(bytes(hex));
      const wanted = level === 5 ? `disconnect 0x${code.toString(16)}` : 'closed';
      expect(outcome(client)).toBe(wanted);
      expect(watcher.payloads).toEqual(['gone']);
    }
  });
});

describe('the short forms of 5.0', () => {
  it.each(['e000', 'e001 00', 'e002 00 00'])('%s says goodbye [trap 43]', (hex) => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    const client = world.connect({ will: willOf() });
    client.sendBytes(bytes(hex));
    expect([outcome(client), watcher.messages]).toEqual(['closed', []]);
  });

  it('keep the will with 0x04', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    world.connect({ will: willOf() }).sendBytes(bytes('e001 04'));
    expect(watcher.payloads).toEqual(['gone']);
  });
});

it.each([0x01, 0x8b, 0x8d, 0x8e, 0x9c, 0xff])(
  'refuses the reason code %i from a client [MQTT-3.14.2-1] [trap 46]',
  (code) => {
    const client = new BrokerWorld().connect();
    client.sendBytes(frame(0xe0, code.toString(16).padStart(2, '0')));
    expect(outcome(client)).toBe('disconnect 0x82');
  },
);

it.each([
  ['a property of another packet', '00 03 21 0001'],
  ['a property that does not exist', '00 02 7e 00'],
])('refuses a DISCONNECT with %s', (_fault, body) => {
  const client = new BrokerWorld().connect();
  client.sendBytes(frame(0xe0, body));
  expect(outcome(client)).toBe('disconnect 0x81');
});

it(
  'is sent once, without a session expiry, and with nothing behind it [MQTT-3.14.2-2] ' +
    '[MQTT-3.14.4-1] [MQTT-3.14.4-2] [MQTT-4.13.2-1] [trap 86]',
  () => {
    const world = new BrokerWorld();
    const client = world.subscriber('t');
    client.channel.isLingering = true;
    client.send({ type: 'pingreq' });
    client.sendBytes(bytes('d000 c000'));
    world.connect({ clientId: 'p' }).send(message('x'));
    const [pong, goodbye, ...rest] = client.received;
    expect(pong).toEqual({ type: 'pingresp' });
    expect(goodbye).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
    expect(goodbye).not.toHaveProperty('properties.sessionExpiryInterval');
    expect(rest).toEqual([]);
  },
);

it(
  'carries no Reason String that the client has no room for [MQTT-3.14.2-3] ' + '[MQTT-3.14.2-4]',
  () => {
    const client = new BrokerWorld().connect({ properties: { maximumPacketSize: 25 } });
    client.sendBytes(bytes('c100'));
    expect(client.last).toEqual({ type: 'disconnect', reasonCode: 0x81, properties: {} });
  },
);

it('is never sent to a client before 5.0 [trap 86]', () => {
  for (const level of [3, 4] as const) {
    const client = new BrokerWorld().connect({ level });
    client.take();
    client.sendBytes(bytes('d000'));
    expect([outcome(client), client.received]).toEqual(['closed', []]);
  }
});

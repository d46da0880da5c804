import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { bytes, LEVELS, message, outcome, willOf } from '../support/conformance.ts';

describe.each(LEVELS)('Keep Alive in level %i', (level) => {
  it(
    'ends after one and a half times, and the will goes out [MQTT-3.1.2-22] ' +
      '[311:3.1.2-24] [V31-38] [trap 32]',
    () => {
      const world = new BrokerWorld();
      const watcher = world.subscriber('will');
      const client = world.connect({ level, keepAliveSeconds: 10, will: willOf() });
      world.advance(14.9);
      expect(outcome(client)).toBe('open');
      world.advance(0.2);
      expect(outcome(client)).toBe(level === 5 ? 'disconnect 0x8d' : 'closed');
      expect(watcher.payloads).toEqual(['gone']);
    },
  );

  it('begins anew with each packet, whatever it is', () => {
    const world = new BrokerWorld();
    const client = world.connect({ level, keepAliveSeconds: 10 });
    for (let n = 0; n < 5; n += 1) {
      world.advance(14);
      client.send(n % 2 === 0 ? { type: 'pingreq' } : message('x'));
    }
    expect(outcome(client)).toBe('open');
    world.advance(15.1);
    expect(client.isClosed).toBe(true);
  });

  it('0 never ends [trap 32]', () => {
    const world = new BrokerWorld();
    const client = world.connect({ level, keepAliveSeconds: 0 });
    world.advance(1_000_000);
    expect(outcome(client)).toBe('open');
  });

  it('answers PINGREQ with PINGRESP [MQTT-3.12.4-1] [311:3.12.4-1]', () => {
    const client = new BrokerWorld().connect({ level });
    client.take();
    client.send({ type: 'pingreq' }, { type: 'pingreq' });
    expect(client.received).toEqual([{ type: 'pingresp' }, { type: 'pingresp' }]);
  });
});

it('bears 65,535 seconds, which are 98,302.5 [trap 32]', () => {
  const world = new BrokerWorld();
  const client = world.connect({ keepAliveSeconds: 65_535 });
  world.advance(98_302);
  expect(outcome(client)).toBe('open');
  world.advance(1);
  expect(outcome(client)).toBe('disconnect 0x8d');
});

it('is not fed by bytes that are no packet yet [trap 32]', () => {
  const world = new BrokerWorld();
  const client = world.connect({ keepAliveSeconds: 10 });
  for (const byte of bytes('3010 0001 74 00')) {
    world.advance(2.6);
    client.sendBytes(Buffer.of(byte));
  }
  expect(outcome(client)).toBe('disconnect 0x8d');
});

it('is not fed by what the client is sent', () => {
  const world = new BrokerWorld();
  const client = world.subscriber('t', 0, { keepAliveSeconds: 10 });
  const publisher = world.connect({ clientId: 'p' });
  for (let n = 0; n < 8; n += 1) {
    world.advance(2);
    publisher.send(message('x'));
  }
  expect(client.isClosed).toBe(true);
});

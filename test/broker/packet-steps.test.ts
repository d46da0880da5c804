import { expect, it } from 'vitest';
import { BrokerWorld, connackOf } from '../support/broker-world.ts';

const KEPT = { sessionExpiryInterval: 100 };

it('compares a new session expiry with what CONNECT asked for, not with what it got', () => {
  const world = new BrokerWorld({ sessionExpirySecondsMax: 0 });
  const client = world.connect({ properties: KEPT });
  expect(connackOf(client).properties.sessionExpiryInterval).toBe(0);
  client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 50 } });
  expect(client.received).toHaveLength(1);
  expect(world.core.sessions.size).toBe(0);
});

it('holds a new session expiry within its own limit', () => {
  const world = new BrokerWorld({ sessionExpirySecondsMax: 60 });
  const client = world.connect({ clientId: 'c', properties: { sessionExpiryInterval: 50 } });
  const properties = { sessionExpiryInterval: 0xffff_ffff };
  client.send({ type: 'disconnect', reasonCode: 0, properties });
  expect(world.core.sessions.find('c')?.expirySeconds).toBe(60);
});

it('logs why a client says that it goes', () => {
  const world = new BrokerWorld();
  const properties = { reasonString: 'battery low' };
  world.connect().send({ type: 'disconnect', reasonCode: 0x80, properties });
  expect(world.events.at(-1)).toMatchObject({
    event: 'disconnect',
    fields: { by: 'client', reason: 'Unspecified error', code: '0x80', message: 'battery low' },
  });
});

it('refuses AUTH of a client that named no method in CONNECT [MQTT-4.12.0-7]', () => {
  const client = new BrokerWorld().connect();
  const properties = { authenticationMethod: 'SCRAM-SHA-256' };
  client.send({ type: 'auth', reasonCode: 0x18, properties });
  expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
  expect(client.isClosed).toBe(true);
});

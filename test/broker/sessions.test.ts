import { expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';

const KEPT = { sessionExpiryInterval: 100 };

it('has one session for a client id, whoever connects with it', () => {
  const world = new BrokerWorld();
  const { sessions } = world.core;
  world.connect({ clientId: 'c', properties: KEPT });
  const session = sessions.find('c');
  world.connect({ clientId: 'c', isCleanStart: false, level: 4 });
  expect([sessions.size, sessions.find('c')]).toEqual([1, session]);
  expect(session?.epoch).toBe(2);
  world.connect({ clientId: 'c' });
  expect(sessions.size).toBe(1);
  expect(sessions.find('c')).not.toBe(session);
  expect([...sessions.values()]).toEqual([sessions.find('c')]);
});

it('has room for those it knows, and for new ones up to the limit', () => {
  const world = new BrokerWorld({ sessionsMax: 2 });
  world.connect({ clientId: 'a' });
  expect(world.core.sessions.hasRoomFor('b')).toBe(true);
  world.connect({ clientId: 'b' });
  expect(['a', 'b', 'c'].map((id) => world.core.sessions.hasRoomFor(id))).toEqual([
    true,
    true,
    false,
  ]);
});

it('logs a takeover with both addresses, and tells the old client of neither', () => {
  const world = new BrokerWorld();
  const old = world.connect({ clientId: 'c' });
  world.advance(3);
  const young = world.connect({ clientId: 'c' });
  const takeover = world.events.find(({ event }) => event === 'takeover');
  const { peer } = young.channel;
  expect(takeover?.fields).toEqual({ client: 'c', old: old.channel.peer, new: peer, age: '3s' });
  expect(old.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8e });
  expect(JSON.stringify(old.last)).not.toContain(peer);
});

it.each(['__proto__', 'constructor', '+', '#', 'a/b', 'ä'])(
  'takes the client id %s as it is',
  (id) => {
    const world = new BrokerWorld();
    world.connect({ clientId: id, properties: KEPT }).drop();
    const again = world.connect({ clientId: id, isCleanStart: false });
    expect(again.received[0]).toMatchObject({ isSessionPresent: true });
  },
);

it('grows by nothing when clients take over from each other', () => {
  const world = new BrokerWorld();
  for (let n = 0; n < 1_000; n += 1) {
    world.connect({ clientId: 'c', isCleanStart: n % 2 === 0, properties: KEPT });
    world.advance(1);
  }
  const { connections, deadlines, sessions } = world.core;
  expect([connections.size, sessions.size, deadlines.size]).toEqual([1, 1, 0]);
});

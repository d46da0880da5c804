import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';

const KEPT = { sessionExpiryInterval: 100 };

function will(topicName: string, over = {}) {
  const payload = Buffer.from('gone');
  return { topicName, payload, qos: 1, isRetained: false, properties: {}, ...over } as const;
}

describe('the end of a session', () => {
  it('sends its will to the others of a shared group, not to itself', () => {
    const world = new BrokerWorld();
    const share = subscribePacket([{ topicFilter: '$share/g/w', qos: 1 }]);
    const other = world.connect({ clientId: 'other' });
    const client = world.connect({ clientId: 'c', will: will('w') });
    client.send(share);
    other.send(share);
    other.take();
    client.drop();
    expect(other.payloads).toEqual(['gone']);
  });

  it('sends a will that cannot be retained to those who are there', () => {
    const world = new BrokerWorld({ retainedMessagesMax: 0 });
    const watcher = world.connect({ clientId: 'w' });
    watcher.send(subscribePacket([{ topicFilter: 'w', isRetainAsPublished: true }]));
    world.connect({ clientId: 'c', will: will('w', { isRetained: true }) }).drop();
    expect([watcher.payloads, world.core.router.retainedCount]).toEqual([['gone'], 0]);
    expect(watcher.messages).toMatchObject([{ isRetained: true }]);
  });

  it('gives the client id back, with the epoch of its claim', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta');
    world.connect({ clientId: 'a' }).drop();
    world.connect({ clientId: 'b', properties: KEPT }).drop();
    world.advance(101);
    expect(backend.released).toEqual(['a 1 ended', 'b 2 offline', 'b 2 ended']);
    expect(world.log).toContain('session_expired');
    backend.next('release', new Error('disk full'));
    expect(world.events.at(-1)).toMatchObject({ level: 'error', event: 'backend' });
  });

  it('gives no id back that another client has taken over', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta');
    for (const isCleanStart of [false, true, false]) {
      world.connect({ clientId: 'a', isCleanStart, properties: KEPT });
    }
    world.connect({ clientId: 'b' });
    world.connect({ clientId: 'b', isCleanStart: false });
    expect(backend.released).toEqual([]);
  });
});

it('lets another node take a client over', () => {
  const world = new BrokerWorld();
  const client = world.connect({ clientId: 'c' });
  let count = 0;
  world.core.evict('c', 2, () => {
    count += 1;
  });
  world.core.evict('nobody', 2, () => {
    count += 1;
  });
  world.settle();
  expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8e });
  expect(count).toBe(2);
});

it('logs that its backend is lost, and back', () => {
  const world = new BrokerWorld();
  world.core.online(false, 'no route');
  world.core.online(true);
  expect(world.events).toMatchObject([
    { level: 'error', event: 'backend', fields: { state: 'offline', message: 'no route' } },
    { level: 'info', event: 'backend', fields: { state: 'online' } },
  ]);
});

it('sets its alarm for whoever is due next, and again only if that changes', () => {
  const world = new BrokerWorld({ connectTimeoutMs: 5_000 });
  const { nowMs } = world;
  world.open();
  expect(world.alarmMs).toBe(nowMs + 5_000);
  world.advance(1);
  world.open();
  expect(world.alarmMs).toBe(nowMs + 5_000);
  world.advance(4.5);
  expect(world.alarmMs).toBe(nowMs + 6_000);
});

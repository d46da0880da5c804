import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };
const WILL = {
  topicName: 'will',
  payload: Buffer.from('gone'),
  qos: 0,
  isRetained: false,
  properties: { willDelayInterval: 10 },
} as const;

it('counts what waits for a client, in flight or not', () => {
  const world = new BrokerWorld({ inflightMax: 1 });
  world.subscriber('a/b', 1, { clientId: 's', properties: KEPT });
  const publisher = world.connect({ clientId: 'p' });
  publisher.send(...[1, 2, 3].map((packetId) => publishPacket({ qos: 1, packetId })));
  expect(world.core.sessions.find('s')?.waitingCount).toBe(3);
});

describe('while the client is away', () => {
  it('ends when its time has come, and not before [MQTT-4.1.0-2]', () => {
    const world = new BrokerWorld();
    world.connect({ clientId: 's', properties: KEPT }).drop();
    world.advance(99);
    expect(world.core.sessions.find('s')).toBeDefined();
    world.advance(1);
    expect(world.core.sessions.find('s')).toBeUndefined();
  });

  it('waits for as long as its will asks, and then goes on without it [MQTT-3.1.3-9]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('will');
    world.connect({ clientId: 's', properties: KEPT, will: WILL }).drop();
    world.advance(9);
    expect(watcher.payloads).toEqual([]);
    world.advance(1);
    expect(watcher.payloads).toEqual(['gone']);
    world.advance(50);
    expect(world.core.sessions.find('s')).toBeDefined();
  });

  it('keeps no deadline once the client is back', () => {
    const world = new BrokerWorld();
    const over = { clientId: 's', isCleanStart: false, properties: KEPT };
    world.connect(over).drop();
    world.connect(over);
    world.advance(1_000);
    expect(world.core.sessions.find('s')).toBeDefined();
  });
});

import { describe, expect, it } from 'vitest';
import { publishRate } from '../../src/broker/publish-rate.ts';
import { BrokerWorld, type TestClient } from '../support/broker-world.ts';
import { KEPT, message } from '../support/conformance.ts';

function flood(client: TestClient, count: number): void {
  client.send(...Array.from({ length: count }, (_, n) => message(String(n))));
}

it('counts nothing where any rate will do', () => {
  expect(publishRate(new BrokerWorld().core)).toBeUndefined();
});

describe('--rate-action pause', () => {
  it('reads on only when what came too fast is paid for, and loses none of it', () => {
    const world = new BrokerWorld({ publishesPerSecond: 10 });
    const watcher = world.subscriber('t');
    const client = world.connect({ clientId: 'p' });
    flood(client, 20);
    expect(client.channel.isPaused).toBe(false);
    flood(client, 15);
    expect(client.channel.isPaused).toBe(true);
    world.advance(1.4);
    expect(client.channel.isPaused).toBe(true);
    world.advance(0.1);
    expect(client.channel.isPaused).toBe(false);
    expect(watcher.messages).toHaveLength(35);
    expect(world.core.counters.publishersPaused.rate).toBe(1);
    expect(world.events.filter(({ event }) => event === 'limit_reached')).toMatchObject([
      { fields: { client: 'p', code: '0x96', limit: '--publish-rate' } },
    ]);
  });

  it('counts bytes by whole packets', () => {
    const world = new BrokerWorld({ publishBytesPerSecond: 100 });
    const client = world.connect({ clientId: 'p' });
    const large = message('x'.repeat(100 - 6));
    expect(client.encode(large)).toHaveLength(100);
    client.send(large, large);
    expect(client.channel.isPaused).toBe(false);
    client.send(large);
    expect(client.channel.isPaused).toBe(true);
    expect(world.events.at(-1)?.fields).toMatchObject({ limit: '--publish-bytes-rate' });
    world.advance(1);
    expect(client.channel.isPaused).toBe(false);
  });

  it('waits for the slower of both', () => {
    const world = new BrokerWorld({ publishesPerSecond: 10, publishBytesPerSecond: 10 });
    const client = world.connect({ clientId: 'p' });
    flood(client, 21);
    const bytes = world.core.counters.bytesReceived - client.encode(message('0')).length;
    expect(bytes).toBeGreaterThan(100);
    world.advance(5);
    expect(client.channel.isPaused).toBe(true);
    world.advance(20);
    expect(client.channel.isPaused).toBe(false);
  });

  it('blames no silence of who is not read', () => {
    const world = new BrokerWorld({ publishesPerSecond: 1 });
    const client = world.connect({ clientId: 'p', keepAliveSeconds: 10 });
    flood(client, 102);
    world.advance(99);
    expect([client.channel.isPaused, client.isClosed]).toEqual([true, false]);
    world.advance(1);
    expect(client.channel.isPaused).toBe(false);
    world.advance(14);
    expect(client.isClosed).toBe(false);
    world.advance(1);
    expect(client.isClosed).toBe(true);
  });

  it('is each client its own, and leaves nothing behind', () => {
    const world = new BrokerWorld({ publishesPerSecond: 10 });
    const [fast, slow] = ['f', 's'].map((clientId) => world.connect({ clientId }));
    if (fast === undefined || slow === undefined) throw new Error('both are here');
    flood(fast, 100);
    flood(slow, 1);
    expect([fast.channel.isPaused, slow.channel.isPaused]).toEqual([true, false]);
    fast.drop();
    slow.drop();
    expect(world.core.deadlines.size).toBe(0);
  });

  it('is remembered by a session that goes on', () => {
    const world = new BrokerWorld({ publishesPerSecond: 10 });
    const connect = { clientId: 'p', isCleanStart: false, properties: KEPT };
    const client = world.connect(connect);
    flood(client, 120);
    const again = world.connect(connect);
    expect([client.isClosed, again.channel.isPaused]).toEqual([true, false]);
    flood(again, 1);
    expect(again.channel.isPaused).toBe(true);
    world.advance(10);
    expect(again.channel.isPaused).toBe(true);
    world.advance(0.1);
    expect(again.channel.isPaused).toBe(false);
  });
});

describe('--rate-action disconnect', () => {
  it.each([4, 5] as const)('ends with a client of level %i that is too fast', (level) => {
    const world = new BrokerWorld({ publishesPerSecond: 10, rateAction: 'disconnect' });
    const watcher = world.subscriber('t');
    const client = world.connect({ clientId: 'p', level });
    client.take();
    flood(client, 25);
    expect(watcher.messages).toHaveLength(20);
    expect(client.isClosed).toBe(true);
    const goodbye = level === 5 ? [{ type: 'disconnect', reasonCode: 0x96 }] : [];
    expect(client.take()).toMatchObject(goodbye);
    expect(world.events.at(-1)).toMatchObject({
      event: 'disconnect',
      level: 'warn',
      fields: { limit: '--publish-rate', next: expect.stringContaining('--publish-rate') },
    });
  });
});

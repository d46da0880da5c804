import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const CONFIG = { writeBufferBytes: 2_000, slowGraceMs: 500 };
const BIG = publishPacket({ payload: Buffer.alloc(1_500) });

describe('a client that is slow', () => {
  it('has its publisher held up, until it has caught up', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b');
    const [publisher, other] = [world.connect({ clientId: 'p' }), world.connect({ clientId: 'o' })];
    slow.channel.isFrozen = true;
    publisher.send(BIG);
    expect(publisher.channel.isPaused).toBe(false);
    publisher.send(BIG);
    other.send(publishPacket({ topicName: 'elsewhere' }));
    expect([publisher.channel.isPaused, other.channel.isPaused]).toEqual([true, false]);
    slow.thaw();
    expect([publisher.channel.isPaused, slow.messages.length]).toEqual([false, 2]);
  });

  it('costs its publisher one grace; then QoS 0 is dropped, QoS 1 waits', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b', 1);
    const publisher = world.connect({ clientId: 'p' });
    slow.channel.isFrozen = true;
    publisher.send(BIG, BIG);
    world.advance(0.5);
    expect(publisher.channel.isPaused).toBe(false);
    publisher.send(BIG, publishPacket({ qos: 1, packetId: 1 }));
    expect(publisher.channel.isPaused).toBe(false);
    expect(world.core.counters.messagesDropped).toBe(1);
    slow.thaw();
    expect(slow.messages.map(({ qos }) => qos)).toEqual([0, 0, 1]);
    slow.channel.isFrozen = true;
    publisher.send(BIG, BIG);
    expect(publisher.channel.isPaused).toBe(true);
  });

  it('is slow until less than half of its buffer waits', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b', 1);
    const publisher = world.connect({ clientId: 'p' });
    slow.channel.isFrozen = true;
    publisher.send(BIG, BIG);
    world.advance(0.5);
    const waiting = publishPacket({ qos: 1, packetId: 1, payload: Buffer.alloc(1_100) });
    publisher.send(waiting);
    slow.channel.thaw();
    slow.channel.isFrozen = true;
    world.settle();
    // What has waited is sent now, and fills more than half of the room.
    expect(slow.channel.unsentBytes).toBeGreaterThan(1_000);
    publisher.send(publishPacket());
    expect(world.core.counters.dropped.slowQos0).toBe(1);
    slow.thaw();
    slow.channel.isFrozen = true;
    publisher.send(publishPacket());
    expect(world.core.counters.dropped.slowQos0).toBe(1);
  });

  it('is told of once the grace was not enough, not while it goes on like this', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b', 0, { clientId: 'slow' });
    const publisher = world.connect({ clientId: 'p' });
    for (let n = 0; n < 3; n += 1) {
      slow.channel.isFrozen = true;
      publisher.send(BIG, BIG);
      expect(world.log.filter((event) => event === 'slow_consumer')).toHaveLength(n === 0 ? 0 : 1);
      world.advance(0.5);
      slow.thaw();
    }
    expect(world.events.find(({ event }) => event === 'slow_consumer')).toMatchObject({
      level: 'warn',
      fields: { client: 'slow', count: 1, limit: '--write-buffer', next: expect.any(String) },
    });
    expect(world.core.counters.publishersPaused.slowGrace).toBe(3);
  });

  it('is told of by what it does not acknowledge, too', () => {
    const world = new BrokerWorld({ inflightMax: 1, queueMessagesMax: 2 });
    world.subscriber('a/b', 1, { clientId: 'slow' });
    const many = [1, 2, 3].map((packetId) => publishPacket({ qos: 1, packetId }));
    world.connect({ clientId: 'p' }).send(...many);
    world.advance(1);
    expect(world.events.at(-1)).toMatchObject({
      event: 'slow_consumer',
      fields: { message: expect.stringContaining('acknowledges') },
    });
  });

  it('has a grace again once it is below half, though something is always unsent', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b');
    const publisher = world.connect({ clientId: 'p' });
    const small = publishPacket({ payload: Buffer.alloc(500) });
    slow.channel.isFrozen = true;
    publisher.send(small);
    publisher.send(BIG);
    world.advance(0.5);
    slow.channel.takeOne();
    slow.channel.takeOne();
    publisher.send(small);
    publisher.send(small);
    slow.channel.takeOne();
    publisher.send(BIG);
    expect(publisher.channel.isPaused).toBe(true);
    publisher.send(small);
    expect(world.core.counters.dropped.slowQos0).toBe(0);
  });

  it('loses no QoS 1 message while it acks, however fast its publisher is', () => {
    const world = new BrokerWorld({ queueMessagesMax: 40, inflightMax: 5 });
    const reader = world.subscriber('a/b', 1);
    const publisher = world.connect({ clientId: 'p' });
    const wanted: string[] = [];
    let acked = 0;
    for (let n = 0; wanted.length < 500 || acked < 500; n += 1) {
      if (wanted.length < 500 && !publisher.channel.isPaused) {
        const texts = Array.from({ length: 10 }, (_, k) => String(wanted.length + k));
        wanted.push(...texts);
        const all = texts.map((text) => ({ qos: 1, payload: Buffer.from(text) }) as const);
        publisher.send(...all.map((over) => publishPacket({ ...over, packetId: 1 })));
      }
      const next = reader.messages[acked];
      if (next?.packetId !== undefined) reader.send(ackPacket('puback', next.packetId));
      acked += 1;
      if (n > 5_000) throw new Error('it goes on for ever');
    }
    expect(reader.payloads).toEqual(wanted);
    expect(publisher.channel.isPaused).toBe(false);
  });

  it('has QoS 1 wait in its queue, and not in its output', () => {
    const world = new BrokerWorld(CONFIG);
    const slow = world.subscriber('a/b', 1);
    const publisher = world.connect({ clientId: 'p' });
    slow.channel.isFrozen = true;
    for (let n = 1; n <= 20; n += 1) {
      const payload = Buffer.alloc(500);
      publisher.send(publishPacket({ payload, qos: 1, packetId: n }));
    }
    expect(slow.channel.unsentBytes).toBeLessThan(3_000);
    slow.thaw();
    expect(slow.messages).toHaveLength(20);
  });

  it('gets QoS 0 as long as it takes it, though it acks nothing', () => {
    const world = new BrokerWorld({ inflightMax: 1, queueMessagesMax: 2 });
    const client = world.subscriber('a/b', 1);
    const publisher = world.connect({ clientId: 'p' });
    const many = [1, 2, 3].map((packetId) => publishPacket({ qos: 1, packetId }));
    publisher.send(...many);
    expect(publisher.channel.isPaused).toBe(true);
    world.advance(1);
    publisher.send(publishPacket());
    expect([publisher.channel.isPaused, client.messages.length]).toEqual([false, 2]);
  });

  it('is not read while it takes none of its own answers', () => {
    const world = new BrokerWorld({ writeBufferBytes: 1_024 });
    const client = world.connect({ keepAliveSeconds: 10 });
    client.take();
    client.channel.isFrozen = true;
    const pings = Array.from({ length: 600 }, () => ({ type: 'pingreq' }) as const);
    client.send(...pings);
    expect(client.channel.isPaused).toBe(false);
    client.send(...pings);
    expect(client.channel.isPaused).toBe(true);
    world.advance(30);
    client.thaw();
    expect([client.channel.isPaused, client.received.length]).toEqual([false, 1_200]);
    client.send(...pings, ...pings);
    expect(client.channel.isPaused).toBe(false);
  });

  it('lets its publishers go when it is gone', () => {
    const world = new BrokerWorld({ ...CONFIG, slowGraceMs: 60_000 });
    const slow = world.subscriber('a/b');
    const publisher = world.connect({ clientId: 'p' });
    slow.channel.isFrozen = true;
    publisher.send(BIG, BIG);
    expect(publisher.channel.isPaused).toBe(true);
    slow.drop();
    expect(publisher.channel.isPaused).toBe(false);
    expect(world.core.deadlines.size).toBe(0);
  });
});

it('writes nothing where nothing is to be sent', () => {
  const world = new BrokerWorld();
  const client = world.connect();
  const { writeCount } = client.channel;
  client.send(ackPacket('puback', 5));
  world.advance(1);
  expect(client.channel.writeCount).toBe(writeCount);
});

it('counts what it has sent', () => {
  const world = new BrokerWorld();
  const client = world.connect();
  expect(world.core.counters.bytesSent).toBe(client.bytesReceived);
});

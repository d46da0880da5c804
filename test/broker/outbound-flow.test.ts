import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };

function publish(world: BrokerWorld, qos: 0 | 1 | 2, ...texts: string[]): void {
  const client = world.connect({ clientId: 'p' });
  for (const [n, text] of texts.entries()) {
    const packetId = qos === 0 ? undefined : n + 1;
    client.send(publishPacket({ qos, packetId, payload: Buffer.from(text) }));
  }
}

function resume(world: BrokerWorld, over = {}): TestClient {
  return world.connect({ clientId: 's', isCleanStart: false, properties: KEPT, ...over });
}

describe('the queue of a client that is away', () => {
  it('drops the oldest when it is full, counts that, and logs the first', () => {
    const world = new BrokerWorld({ queueMessagesMax: 2 });
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    publish(world, 1, '1', '2', '3', '4');
    expect(world.core.counters.messagesDropped).toBe(2);
    expect(world.log.filter((event) => event === 'queue_drop')).toHaveLength(1);
    expect(resume(world).payloads).toEqual(['3', '4']);
  });

  it('drops the oldest when its bytes are used up, and what is larger than all of them', () => {
    const world = new BrokerWorld({ queueMessagesMax: 0, queueBytesMax: 1_000 });
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    publish(world, 1, 'x'.repeat(400), 'y'.repeat(100), 'z', 'w'.repeat(1_000));
    expect(world.core.counters.messagesDropped).toBe(2);
    expect(resume(world).payloads).toEqual(['y'.repeat(100), 'z']);
  });

  it('drops the new one instead where that is chosen', () => {
    const world = new BrokerWorld({ queueMessagesMax: 2, whenQueueFull: 'drop-new' });
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    publish(world, 1, '1', '2', '3', '4');
    expect(world.core.counters.dropped.queueFull).toBe(2);
    expect(resume(world).payloads).toEqual(['1', '2']);
  });

  it('never drops what was sent already, whatever comes', () => {
    const world = new BrokerWorld({ queueMessagesMax: 2, inflightMax: 2 });
    const client = world.subscriber('a/b', 1, { clientId: 's', properties: KEPT });
    publish(world, 1, '1', '2', '3', '4', '5', '6');
    client.drop();
    const back = resume(world);
    for (let n = 0; n < back.messages.length; n += 1) {
      back.send(ackPacket('puback', back.messages[n]?.packetId ?? 0));
    }
    expect(back.payloads).toEqual(['1', '2', '5', '6']);
  });

  it('has the log say who loses messages, by which limit, and what to do', () => {
    const world = new BrokerWorld({ queueMessagesMax: 1 });
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    world.advance(20);
    publish(world, 1, '1', '2', '3');
    const drops = world.events.filter(({ event }) => event === 'queue_drop');
    expect(drops).toMatchObject([
      {
        level: 'warn',
        fields: {
          client: 's',
          count: 1,
          limit: '--max-queue-messages',
          message: expect.stringContaining('away for 20 s'),
          next: expect.stringContaining('--max-queue-messages'),
        },
      },
    ]);
    resume(world);
    expect(world.events.at(-1)).toMatchObject({ event: 'connect', fields: { dropped: 2 } });
  });

  it('tells drops by bytes, and those of a client that is here, from others', () => {
    const world = new BrokerWorld({ queueMessagesMax: 0, queueBytesMax: 400, inflightMax: 1 });
    world.subscriber('a/b', 1, { clientId: 's' });
    publish(world, 1, '1', '2', '3');
    expect(world.events.at(-1)).toMatchObject({
      event: 'queue_drop',
      fields: {
        limit: '--max-queue-bytes',
        message: expect.stringContaining('does not keep up'),
      },
    });
  });

  it('tells of messages that are larger than the client takes', () => {
    const world = new BrokerWorld();
    const properties = { maximumPacketSize: 50 };
    world.subscriber('a/b', 0, { clientId: 's', properties });
    publish(world, 0, 'x'.repeat(100));
    expect(world.events.at(-1)).toMatchObject({
      event: 'queue_drop',
      fields: { message: expect.stringContaining('50 bytes') },
    });
    expect(world.core.counters.dropped.tooLarge).toBe(1);
  });

  it('tells of drops later by what they were for, wherever the client is by then', () => {
    const world = new BrokerWorld({ queueMessagesMax: 1 });
    const properties = { ...KEPT, maximumPacketSize: 50 };
    const client = world.subscriber('a/b', 1, { clientId: 's', properties });
    const large = 'x'.repeat(100);
    publish(world, 1, large, large);
    client.drop();
    publish(world, 1, '1', '2', '3', '4');
    resume(world);
    world.advance(10);
    const drops = world.events.filter(({ event }) => event === 'queue_drop');
    expect(drops.map(({ fields: { count, limit, message } }) => [count, limit, message])).toEqual([
      [1, undefined, 'larger than the 50 bytes that the client takes'],
      [1, undefined, 'larger than the 50 bytes that the client takes'],
      [3, '--max-queue-messages', '0 messages of 0 bytes wait now: the client does not keep up'],
    ]);
  });

  it('keeps QoS 0 messages too where that is chosen, in their order among others', () => {
    const world = new BrokerWorld({ queuesQos0: true, inflightMax: 1 });
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    publish(world, 1, '1', '2');
    publish(world, 0, 'zero');
    const back = resume(world);
    publish(world, 0, 'later');
    expect(back.payloads).toEqual(['1']);
    back.send(ackPacket('puback', 1));
    expect(back.payloads).toEqual(['1', '2', 'zero', 'later']);
    publish(world, 0, 'live');
    expect(back.payloads.at(-1)).toBe('live');
  });

  it('keeps none for a client that has left no session', () => {
    const world = new BrokerWorld({ queuesQos0: true });
    world.subscriber('a/b', 0, { clientId: 's' }).drop();
    publish(world, 0, 'zero');
    expect(resume(world).payloads).toEqual([]);
  });

  it('keeps no QoS 0 message', () => {
    const world = new BrokerWorld();
    world.subscriber('a/b', 2, { clientId: 's', properties: KEPT }).drop();
    publish(world, 0, '0');
    expect(resume(world).payloads).toEqual([]);
  });

  it('keeps messages of its own, not views into what came', () => {
    const world = new BrokerWorld();
    world.subscriber('a/b', 1, { clientId: 's', properties: KEPT }).drop();
    const client = world.connect({ clientId: 'p' });
    const bytes = client.encode(publishPacket({ qos: 1, packetId: 1, payload: Buffer.from('x') }));
    client.sendBytes(bytes);
    bytes.fill(0);
    expect(resume(world).payloads).toEqual(['x']);
  });
});

it('sends again what it has kept, not a view into what came', () => {
  const world = new BrokerWorld();
  const client = world.subscriber('a/b', 1, { clientId: 's', properties: KEPT });
  const publisher = world.connect({ clientId: 'p' });
  const bytes = publisher.encode(publishPacket({ payload: Buffer.from('x'), qos: 1, packetId: 1 }));
  publisher.sendBytes(bytes);
  bytes.fill(0);
  client.drop();
  expect(resume(world).payloads).toEqual(['x']);
});

describe('retained messages for a new subscription', () => {
  function retain(world: BrokerWorld, count: number, size = 10): void {
    const client = world.connect({ clientId: 'p' });
    for (let n = 0; n < count; n += 1) {
      const payload = Buffer.alloc(size, 'x');
      client.send(publishPacket({ topicName: `r/${n}`, isRetained: true, payload }));
    }
  }

  it('wait for a slow client, and cost no more memory than its buffer', () => {
    const world = new BrokerWorld({ writeBufferBytes: 10_000 });
    retain(world, 200, 1_000);
    const client = world.connect({ clientId: 'slow' });
    client.channel.isFrozen = true;
    client.send(subscribePacket([{ topicFilter: 'r/#' }]));
    expect(client.channel.unsentBytes).toBeLessThan(12_000);
    for (let n = 0; n < 30 && client.messages.length < 200; n += 1) {
      client.thaw();
      client.channel.isFrozen = true;
    }
    expect(client.messages).toHaveLength(200);
    expect(world.core.counters.messagesDropped).toBe(0);
  });

  it('wait for room in the window with QoS 1, one subscription after another', () => {
    const world = new BrokerWorld({ inflightMax: 1 });
    const retainer = world.connect({ clientId: 'p' });
    for (const [n, topicName] of ['a', 'b', 'c'].entries()) {
      const payload = Buffer.from(topicName);
      retainer.send(
        publishPacket({ topicName, qos: 1, packetId: n + 1, isRetained: true, payload }),
      );
    }
    const client = world.connect();
    const filters = ['a', 'b', 'c'].map((topicFilter) => ({ topicFilter, qos: 1 }) as const);
    client.send(subscribePacket(filters));
    for (const id of [1, 2, 3]) client.send(ackPacket('puback', id));
    expect(client.payloads).toEqual(['a', 'b', 'c']);
  });

  it('come with QoS 0 although the window is full', () => {
    const world = new BrokerWorld({ inflightMax: 1 });
    retain(world, 3);
    const client = world.connect({ clientId: 'c' });
    client.send(subscribePacket([{ topicFilter: 'a/b', qos: 1 }]));
    publish(world, 1, 'x');
    client.send(subscribePacket([{ topicFilter: 'r/#' }]));
    expect(client.messages).toHaveLength(4);
  });

  it('are searched for in pieces, by one search however often the client acks', () => {
    const world = new BrokerWorld();
    retain(world, 5_000);
    const client = world.connect({ clientId: 'c' });
    client.send(subscribePacket([{ topicFilter: 'a/b', qos: 1 }]));
    publish(world, 1, ...Array.from({ length: 50 }, String));
    let turns = 0;
    const { ports } = world.core;
    const { atTurnEnd } = ports;
    ports.atTurnEnd = (callback) => {
      turns += 1;
      atTurnEnd(callback);
    };
    const acks = Array.from({ length: 50 }, (_, n) => ackPacket('puback', n + 1));
    client.send(subscribePacket([{ topicFilter: 'r/+/x' }, { topicFilter: 'r/+/y' }]), ...acks);
    expect(turns).toBeLessThan(15);
    expect(world.core.sessions.find('c')?.outbound.replays.size).toBe(0);
  });

  it('never come after a newer message of their topic', () => {
    const world = new BrokerWorld({ writeBufferBytes: 1_024 });
    retain(world, 20, 500);
    const client = world.connect({ clientId: 'slow' });
    client.channel.isFrozen = true;
    client.send(subscribePacket([{ topicFilter: 'r/#' }]));
    const publisher = world.connect({ clientId: 'p' });
    publisher.send(
      publishPacket({ topicName: 'r/19', isRetained: true, payload: Buffer.from('new') }),
    );
    for (let n = 0; n < 30; n += 1) {
      client.thaw();
      client.channel.isFrozen = n < 29;
    }
    const texts = client.messages.flatMap(({ payload, topicName }) =>
      topicName === 'r/19' ? [payload.toString()] : [],
    );
    expect(texts).toEqual(['new', 'new']);
  });

  it('stop with the subscription', () => {
    const world = new BrokerWorld({ writeBufferBytes: 1_024 });
    retain(world, 20, 500);
    const client = world.connect({ clientId: 'slow' });
    client.channel.isFrozen = true;
    client.send(subscribePacket([{ topicFilter: 'r/#' }]));
    client.send({ type: 'unsubscribe', packetId: 2, properties: {}, topicFilters: ['r/#'] });
    for (let n = 0; n < 30; n += 1) client.thaw();
    expect(client.messages.length).toBeLessThan(5);
    expect(world.core.sessions.find('slow')?.outbound.replays.size).toBe(0);
  });
});

it(
  'gives the retain flag to no older client, even of a subscription by a newer one ' +
    '[311:3.3.1-9]',
  () => {
    const world = new BrokerWorld();
    const five = world.connect({ clientId: 's', properties: KEPT });
    five.send(subscribePacket([{ topicFilter: '#', qos: 1, isRetainAsPublished: true }]));
    five.drop();
    const publisher = world.connect({ clientId: 'p' });
    const retained = { isRetained: true, payload: Buffer.from('x') };
    publisher.send(publishPacket({ qos: 1, packetId: 1, ...retained }));
    const four = world.connect({ clientId: 's', isCleanStart: false, level: 4 });
    publisher.send(publishPacket(retained));
    expect(four.messages.map(({ isRetained }) => isRetained)).toEqual([false, false]);
    four.send(subscribePacket([{ topicFilter: 'a/b' }]));
    expect(four.messages.at(-1)).toMatchObject({ isRetained: true });
  },
);

describe('over a backend that takes its time', () => {
  it('sends PUBREL when the received state is safe, and in order [MQTT-4.6.0-4]', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver', 'safe');
    const client = world.subscriber('a/b', 2, { clientId: 's', properties: KEPT });
    publish(world, 2, '1', '2');
    backend.drain();
    world.settle();
    client.take();
    client.send(ackPacket('pubrec', 1), ackPacket('pubrec', 2));
    backend.tasks.reverse();
    backend.next('mark');
    world.settle();
    expect(client.received).toEqual([]);
    backend.next('mark');
    world.settle();
    expect(client.received).toEqual([ackPacket('pubrel', 1), ackPacket('pubrel', 2)]);
  });

  it('ends the connection whose step fails, not the one that has taken over', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver', 'safe');
    const client = world.subscriber('a/b', 2, { clientId: 's', properties: KEPT });
    publish(world, 2, '1');
    backend.drain();
    client.send(ackPacket('pubrec', 1));
    const young = resume(world);
    backend.next('mark', new Error('disk full'));
    world.settle();
    expect([client.isClosed, young.isClosed]).toEqual([true, false]);
  });
});

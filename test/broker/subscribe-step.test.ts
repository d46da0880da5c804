import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { publishPacket } from '../support/packets.ts';

function codes(client: TestClient): readonly number[] | undefined {
  const { last } = client;
  return last?.type === 'suback' || last?.type === 'unsuback' ? last.reasonCodes : undefined;
}

function retain(world: BrokerWorld, ...topics: string[]): void {
  const client = world.connect({ clientId: 'retainer' });
  for (const topicName of topics) {
    client.send(publishPacket({ topicName, isRetained: true, payload: Buffer.from(topicName) }));
  }
}

it('grants no more subscriptions than one client may have, but replaces them', () => {
  const world = new BrokerWorld({ subscriptionsMax: 2 });
  for (const [level, refused] of [
    [5, 0x97],
    [4, 0x80],
    [3, 1],
  ] as const) {
    const client = world.connect({ clientId: `v${level}`, level });
    const filters = ['a', 'b', 'c', 'a'].map((topicFilter) => ({ topicFilter, qos: 1 }) as const);
    client.send(subscribePacket(filters));
    expect(codes(client)).toEqual([1, 1, refused, 1]);
  }
  expect(world.core.router.subscriptionCount).toBe(6);
});

it('takes $share/... of older clients as a filter where groups are for 5.0 alone', () => {
  const world = new BrokerWorld({ sharesBefore5: false });
  const client = world.connect({ level: 4 });
  client.send(subscribePacket([{ topicFilter: '$share/g/a' }, { topicFilter: '$share/g' }]));
  const newer = world.connect({ clientId: 'v5' });
  newer.send(subscribePacket([{ topicFilter: '$share/g/a' }]));
  world.connect({ clientId: 'p' }).send(publishPacket({ topicName: 'a' }));
  expect(codes(client)).toEqual([0, 0]);
  expect([client.messages.length, newer.messages.length]).toEqual([0, 1]);
});

it('logs shares that are none, as one line with their number', () => {
  const world = new BrokerWorld();
  const client = world.connect({ level: 4, clientId: 'c' });
  for (let packetId = 1; packetId < 4; packetId += 1) {
    client.send(subscribePacket([{ topicFilter: '$share/g' }], { packetId }));
  }
  const lines = world.events.filter(({ event }) => event === 'subscribe_denied');
  expect(lines).toMatchObject([
    { level: 'warn', fields: { client: 'c', message: expect.stringContaining('"$share/g"') } },
  ]);
});

describe('what clients subscribe to', () => {
  function lines(logsSubscriptions: boolean): unknown {
    const world = new BrokerWorld({ logsSubscriptions, subscriptionsMax: 1 });
    const client = world.connect({ clientId: 'c' });
    client.send(subscribePacket([{ topicFilter: 'a' }, { topicFilter: 'b' }]));
    client.send({ type: 'unsubscribe', packetId: 2, properties: {}, topicFilters: ['a'] });
    return world.events.filter(({ event }) => event.endsWith('subscribe'));
  }

  it('has a line each where that is chosen', () => {
    const level = 'info';
    expect(lines(true)).toEqual([
      { level, event: 'subscribe', fields: { client: 'c', filter: 'a', code: '0x00' } },
      { level, event: 'subscribe', fields: { client: 'c', filter: 'b', code: '0x97' } },
      { level, event: 'unsubscribe', fields: { client: 'c', filter: 'a', code: '0x00' } },
    ]);
  });

  it('has none otherwise', () => {
    expect(lines(false)).toEqual([]);
  });
});

it('refuses filters of too many levels', () => {
  const world = new BrokerWorld({ topicSlashesMax: 1 });
  const client = world.connect();
  client.send(subscribePacket([{ topicFilter: 'a/b/c' }, { topicFilter: 'a/b', qos: 2 }]));
  expect(codes(client)).toEqual([0x8f, 2]);
});

describe('over a backend that takes its time', () => {
  it('answers in the order of the packets, once it is safe', () => {
    const { backend, world } = heldWorld({}, 'claim');
    const client = world.connect();
    backend.drain();
    world.settle();
    client.take();
    client.send(subscribePacket([{ topicFilter: 'a' }], { packetId: 1 }), {
      type: 'unsubscribe',
      packetId: 2,
      properties: {},
      topicFilters: ['a', 'b'],
    });
    backend.tasks.reverse();
    backend.next('saveMeta');
    world.settle();
    expect(client.received).toEqual([]);
    backend.next('saveMeta');
    world.settle();
    expect(client.received).toMatchObject([
      { type: 'suback', packetId: 1, reasonCodes: [0] },
      { type: 'unsuback', packetId: 2, reasonCodes: [0, 0x11] },
    ]);
  });

  it('ends a connection whose subscription cannot be kept, and no other', () => {
    const { backend, world } = heldWorld({}, 'claim');
    const [client, other] = [world.connect({ clientId: 'a' }), world.connect({ clientId: 'b' })];
    backend.drain();
    client.send(subscribePacket([{ topicFilter: 'a' }]));
    backend.next('saveMeta', new Error('disk full'));
    world.settle();
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x83 });
    expect(other.isClosed).toBe(false);
  });

  it('replays once for who asked twice, and nothing for who has unsubscribed', () => {
    const { backend, world } = heldWorld({}, 'claim', 'deliver', 'safe');
    backend.free.add('saveMeta');
    retain(world, 'a', 'b');
    const client = world.connect({ clientId: 'c' });
    backend.free.delete('saveMeta');
    client.take();
    const once = { retainHandling: 1 } as const;
    client.send(
      subscribePacket([{ topicFilter: 'a', ...once }], { packetId: 1 }),
      subscribePacket([{ topicFilter: 'a', ...once, isRetainAsPublished: true }], { packetId: 2 }),
      subscribePacket([{ topicFilter: 'b' }], { packetId: 3 }),
      { type: 'unsubscribe', packetId: 4, properties: {}, topicFilters: ['b'] },
    );
    backend.drain();
    world.settle();
    expect(client.payloads).toEqual(['a']);
  });
});

it('counts a filter as new that comes twice in one packet [MQTT-3.3.1-10]', () => {
  const world = new BrokerWorld();
  retain(world, 'a');
  const client = world.connect();
  const filter = { topicFilter: 'a', retainHandling: 1 } as const;
  client.send(subscribePacket([filter, filter]));
  expect(client.payloads).toEqual(['a']);
});

describe('retained messages for who subscribes again before SUBACK', () => {
  /** What comes of two SUBSCRIBEs in one chunk, of which nothing is kept yet. */
  function payloadsFor(...retainHandlings: readonly (0 | 1 | 2)[]): string[] {
    const { backend, world } = heldWorld({}, 'claim', 'deliver', 'safe');
    const client = world.connect();
    backend.drain();
    world.settle();
    client.send(publishPacket({ isRetained: true, payload: Buffer.from('kept') }));
    client.send(
      ...retainHandlings.map((retainHandling) =>
        subscribePacket([{ topicFilter: 'a/b', retainHandling }]),
      ),
    );
    backend.drain();
    world.settle();
    return client.payloads;
  }

  it('come as each of them asks for itself [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]', () => {
    expect(payloadsFor(2, 1)).toEqual([]);
    expect(payloadsFor(1, 2)).toEqual(['kept']);
    expect(payloadsFor(1, 1)).toEqual(['kept']);
    expect(payloadsFor(2, 0)).toEqual(['kept']);
  });

  it('come with the QoS that the SUBACK before them grants [MQTT-3.8.4-8]', () => {
    const { backend, world } = heldWorld({}, 'claim', 'deliver', 'safe');
    const client = world.connect();
    backend.drain();
    world.settle();
    client.send(publishPacket({ isRetained: true, qos: 1, packetId: 9, payload: Buffer.of(1) }));
    for (const qos of [0, 1] as const) {
      client.send(subscribePacket([{ topicFilter: 'a/b', qos }], { packetId: qos + 1 }));
    }
    backend.drain();
    world.settle();
    expect(client.messages.map(({ qos }) => qos)).toEqual([0, 1]);
  });
});

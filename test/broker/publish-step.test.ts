import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };
const X = Buffer.from('x');

function answers(client: TestClient): string[] {
  return client.take().flatMap((packet) => {
    if (!('packetId' in packet) || !('reasonCode' in packet)) return [packet.type];
    return [`${packet.type} ${packet.packetId} 0x${packet.reasonCode.toString(16)}`];
  });
}

describe('over a backend that takes its time', () => {
  it('acks in the order of the packets [MQTT-4.6.0-2] [MQTT-4.6.0-3]', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver');
    const client = world.connect();
    client.take();
    client.send(
      publishPacket({ qos: 1, packetId: 1 }),
      publishPacket({ qos: 2, packetId: 2 }),
      publishPacket({ qos: 1, packetId: 3, topicName: '$SYS/x' }),
      ackPacket('pubrel', 9),
    );
    const [first, second] = backend.tasks;
    if (first === undefined || second === undefined) throw new Error('two are held');
    backend.settle(second);
    world.settle();
    expect(answers(client)).toEqual([]);
    backend.settle(first);
    world.settle();
    expect(answers(client)).toEqual([
      'puback 1 0x10',
      'pubrec 2 0x10',
      'puback 3 0x87',
      'pubcomp 9 0x92',
    ]);
  });

  it('answers nobody who is gone, and counts nothing against who comes then', () => {
    const { backend, world } = heldWorld({ receiveMaximum: 2 }, 'claim', 'saveMeta', 'deliver');
    world
      .connect({ properties: KEPT })
      .send(publishPacket({ qos: 1, packetId: 1 }), publishPacket({ qos: 1, packetId: 2 }));
    const young = world.connect({ isCleanStart: false, properties: KEPT });
    young.take();
    young.send(publishPacket({ qos: 1, packetId: 1 }), publishPacket({ qos: 1, packetId: 2 }));
    backend.drain();
    world.settle();
    expect(answers(young)).toEqual(['puback 1 0x10', 'puback 2 0x10']);
    expect(world.log).not.toContain('internal_error');
  });

  it('says PUBREC to a repeated message when the first is safe, and not before', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver');
    world.connect({ properties: KEPT }).send(publishPacket({ qos: 2, packetId: 1 }));
    const young = world.connect({ isCleanStart: false, properties: KEPT });
    young.take();
    young.send(publishPacket({ qos: 2, packetId: 1, isDuplicate: true }));
    expect(answers(young)).toEqual([]);
    backend.next('safe');
    world.settle();
    expect(answers(young)).toEqual(['pubrec 1 0x10']);
  });

  it('takes a message again that it could not keep', () => {
    const { backend, world } = heldWorld({}, 'claim', 'saveMeta');
    const watcher = world.subscriber('a/b');
    const client = world.connect({ properties: KEPT });
    client.send(publishPacket({ qos: 2, packetId: 1 }));
    backend.next('deliver', new Error('full'));
    backend.next('safe');
    world.settle();
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x83 });
    const young = world.connect({ isCleanStart: false, properties: KEPT });
    young.take();
    young.send(publishPacket({ qos: 2, packetId: 1, isDuplicate: true }));
    backend.drain();
    world.settle();
    expect(answers(young)).toEqual(['pubrec 1 0x0']);
    expect(watcher.messages).toHaveLength(1);
  });

  it('reads on only when answers have gone out', () => {
    const { backend, world } = heldWorld(
      { receiveMaximum: 65_535 },
      'claim',
      'saveMeta',
      'deliver',
    );
    const client = world.connect();
    client.take();
    const all = Array.from({ length: 1_500 }, (_, n) => publishPacket({ qos: 1, packetId: n + 1 }));
    client.send(...all);
    expect(client.channel.isPaused).toBe(true);
    backend.drain();
    world.settle();
    expect([client.channel.isPaused, client.received.length]).toEqual([false, 1_500]);
  });

  it('holds up whoever published to a slow client, when the backend is done with it', () => {
    const { backend, world } = heldWorld({ writeBufferBytes: 1_024 }, 'claim', 'saveMeta');
    const slow = world.subscriber('a/b');
    slow.channel.isFrozen = true;
    const client = world.connect({ clientId: 'p' });
    client.send(publishPacket({ payload: Buffer.alloc(2_000) }));
    expect(client.channel.isPaused).toBe(false);
    backend.drain();
    expect(client.channel.isPaused).toBe(true);
  });
});

describe('what it does not take', () => {
  it('refuses topics of too many levels, in the ack or by closing', () => {
    const world = new BrokerWorld({ topicSlashesMax: 1 });
    const topicName = 'a/b/c';
    const five = world.connect({ clientId: '5' });
    five.take();
    five.send(
      publishPacket({ topicName, qos: 1, packetId: 1 }),
      publishPacket({ topicName, qos: 2, packetId: 2 }),
      publishPacket({ topicName: 'a/b', qos: 2, packetId: 2 }),
    );
    expect(answers(five)).toEqual(['puback 1 0x90', 'pubrec 2 0x90', 'pubrec 2 0x10']);
    five.send(publishPacket({ topicName }));
    expect(five.last).toMatchObject({ type: 'disconnect', reasonCode: 0x90 });
    const four = world.connect({ clientId: '4', level: 4 });
    four.take();
    four.send(publishPacket({ topicName, qos: 1, packetId: 1 }));
    expect([four.received, four.isClosed]).toEqual([[], true]);
  });

  it('drops what goes to its own topics, and tells 5.0 alone [311:3.3.5-2] [trap 85]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('$SYS/#');
    const topicName = '$SYS/broker/uptime';
    for (const level of [3, 4, 5] as const) {
      const client = world.connect({ clientId: `v${level}`, level });
      client.take();
      client.send(
        publishPacket({ topicName }),
        publishPacket({ topicName, qos: 1, packetId: 1 }),
        publishPacket({ topicName, qos: 2, packetId: 2 }),
        ackPacket('pubrel', 2),
      );
      const [code, last] = level === 5 ? ['0x87', '0x92'] : ['0x0', '0x0'];
      expect(answers(client)).toEqual([
        `puback 1 ${code}`,
        `pubrec 2 ${code}`,
        `pubcomp 2 ${last}`,
      ]);
    }
    expect(watcher.messages).toEqual([]);
  });

  it('retains no more topics than it may, and says so where it can', () => {
    const world = new BrokerWorld({ retainedMessagesMax: 1 });
    const watcher = world.subscriber('#');
    const retained = (topicName: string, over = {}) =>
      publishPacket({ topicName, isRetained: true, payload: Buffer.from(topicName), ...over });
    const client = world.connect({ clientId: 'p' });
    client.take();
    client.send(retained('a'), retained('b'), retained('c', { qos: 1, packetId: 1 }));
    client.send(retained('d', { qos: 2, packetId: 2 }), retained('a', { qos: 1, packetId: 3 }));
    expect(answers(client)).toEqual(['puback 1 0x97', 'pubrec 2 0x97', 'puback 3 0x0']);
    expect(watcher.payloads).toEqual(['a', 'b', 'a']);
    expect(world.core.router.retainedCount).toBe(1);
    const old = world.connect({ clientId: 'old', level: 4 });
    old.send(retained('e'));
    expect([old.isClosed, watcher.payloads.at(-1)]).toEqual([false, 'e']);
    old.send(retained('f', { qos: 1, packetId: 1 }));
    expect(old.isClosed).toBe(true);
  });

  it('passes RETAIN on of what it does not retain, to who asks for it [MQTT-3.3.1-13]', () => {
    const world = new BrokerWorld({ retainedMessagesMax: 0 });
    const client = world.connect();
    const filters = [true, false].map((isRetainAsPublished) => ({
      topicFilter: isRetainAsPublished ? 'as/it/came' : 'plain',
      isRetainAsPublished,
    }));
    client.send(subscribePacket(filters));
    for (const { topicFilter: topicName } of filters) {
      client.send(publishPacket({ topicName, isRetained: true, payload: X }));
    }
    expect(client.messages.map(({ isRetained }) => isRetained)).toEqual([true, false]);
    expect(world.core.router.retainedCount).toBe(0);
  });

  it.each([4, 5] as const)(
    'answers in version %s a message that it took, although it would not take it anew',
    (level) => {
      const world = new BrokerWorld({ retainedMessagesMax: 1 });
      const connect = { clientId: 'c', level, isCleanStart: false };
      const properties = level === 5 ? KEPT : {};
      const repeated = publishPacket({ qos: 2, packetId: 1, isRetained: true, payload: X });
      const client = world.connect({ ...connect, properties });
      client.send(repeated);
      client.drop();
      const other = world.connect({ clientId: 'o' });
      other.send(publishPacket({ isRetained: true }));
      other.send(publishPacket({ isRetained: true, topicName: 'other', payload: X }));
      const again = world.connect({ ...connect, properties });
      again.take();
      again.send({ ...repeated, isDuplicate: true });
      expect(again.take()).toMatchObject([{ type: 'pubrec', packetId: 1, reasonCode: 0 }]);
    },
  );

  it('ends with a client whose aliases take too much, and publishes nothing more for it', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('#');
    const client = world.connect({ clientId: 'p' });
    for (const topicAlias of [1, 2]) {
      const topicName = String(topicAlias).repeat(40_000);
      client.send(publishPacket({ topicName, properties: { topicAlias } }));
    }
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x97 });
    expect(watcher.messages).toHaveLength(1);
  });
});

describe('a QoS 2 id that is not free', () => {
  const again = publishPacket({ qos: 2, packetId: 7, payload: Buffer.from('y') });

  it('is answered and told of where the message does not say that it comes again', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('a/b');
    const client = world.connect({ clientId: 'p' });
    client.send(publishPacket({ qos: 2, packetId: 7, payload: X }), again, again);
    expect(answers(client).slice(1)).toEqual(['pubrec 7 0x0', 'pubrec 7 0x0', 'pubrec 7 0x0']);
    expect(watcher.payloads).toEqual(['x']);
    const lines = world.events.filter(({ event }) => event === 'qos2_id_reuse');
    expect(lines).toMatchObject([
      { level: 'warn', fields: { client: 'p', message: expect.stringContaining('packet id 7') } },
    ]);
  });

  it('is nothing to talk about where the message comes again, or the id is free', () => {
    const world = new BrokerWorld();
    const client = world.connect({ clientId: 'p' });
    client.send(
      publishPacket({ qos: 2, packetId: 7 }),
      publishPacket({ qos: 2, packetId: 7, isDuplicate: true }),
      ackPacket('pubrel', 7),
      again,
    );
    expect(world.log).not.toContain('qos2_id_reuse');
  });
});

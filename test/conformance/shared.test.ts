import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { frame, KEPT, message, outcome, publish } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

function member(world: BrokerWorld, clientId: string, over = {}): TestClient {
  const client = world.connect({ clientId, properties: KEPT });
  client.send(subscribePacket([{ topicFilter: '$share/g/t', qos: 2, ...over }]));
  return client;
}

function resume(world: BrokerWorld, clientId: string): TestClient {
  return world.connect({ clientId, isCleanStart: false, properties: KEPT });
}

describe('a shared subscription', () => {
  it('gives each message to one member [trap 76]', () => {
    const world = new BrokerWorld();
    const members = ['a', 'b', 'c'].map((id) => member(world, id));
    publish(world, ...Array.from({ length: 30 }, (_, n) => message(String(n))));
    const all = members.flatMap(({ payloads }) => payloads);
    expect(new Set(all).size).toBe(30);
    expect(all).toHaveLength(30);
  });

  it(
    'gives one copy to each group, and one to who subscribes alone [MQTT-3.3.4-5] ' + '[trap 76]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's' });
      const filters = ['$share/g/t', '$share/h/t', '$share/g/+', 't'];
      for (const [n, topicFilter] of filters.entries()) {
        const properties = { subscriptionIdentifier: [n + 1] };
        client.send(subscribePacket([{ topicFilter }], { properties }));
      }
      publish(world, message('x'));
      const ids = client.messages.map(({ properties }) => properties.subscriptionIdentifier);
      expect(ids.sort()).toEqual([[1], [2], [3], [4]]);
    },
  );

  it('is at the QoS that the chosen member was granted [MQTT-4.8.2-3]', () => {
    const world = new BrokerWorld();
    const [low, high] = [member(world, 'a', { qos: 0 }), member(world, 'b', { qos: 1 })];
    publish(world, ...[1, 2].map((packetId) => message('x', { qos: 2, packetId })));
    expect(low.messages).toMatchObject([{ qos: 0 }]);
    expect(high.messages).toMatchObject([{ qos: 1 }]);
  });

  it('completes QoS 2 with the member that has begun it [MQTT-4.8.2-4] [trap 76]', () => {
    const world = new BrokerWorld();
    const [a, b] = [member(world, 'a'), member(world, 'b')];
    publish(world, message('x', { qos: 2 }));
    expect(a.messages).toHaveLength(1);
    a.drop();
    expect(b.messages).toEqual([]);
    expect(resume(world, 'a').messages).toMatchObject([{ isDuplicate: true }]);
  });

  it('gives what an ended session had begun to nobody else [MQTT-4.8.2-5]', () => {
    const world = new BrokerWorld();
    const [a, b] = [member(world, 'a'), member(world, 'b')];
    publish(world, message('x', { qos: 2 }));
    a.drop();
    world.advance(2_000);
    expect(b.messages).toEqual([]);
  });

  it('gives what a member has refused to nobody else [MQTT-4.8.2-6] [trap 76]', () => {
    const world = new BrokerWorld();
    const [a, b] = [member(world, 'a'), member(world, 'b')];
    publish(world, message('1', { qos: 2 }), message('2', { qos: 1, packetId: 2 }));
    a.send(ackPacket('pubrec', 1, 0x80));
    b.send(ackPacket('puback', 1, 0x80));
    expect([a.payloads, b.payloads]).toEqual([['1'], ['2']]);
  });

  it('sends no retained messages, whatever Retain Handling says [trap 75]', () => {
    const world = new BrokerWorld();
    publish(world, message('x', { isRetained: true }));
    for (const retainHandling of [0, 1, 2] as const) {
      expect(member(world, `r${retainHandling}`, { retainHandling }).messages).toEqual([]);
    }
  });

  it('keeps the flag of live messages by Retain As Published [trap 75]', () => {
    const world = new BrokerWorld();
    const client = member(world, 'a', { isRetainAsPublished: true });
    publish(world, message('x', { isRetained: true }));
    expect(client.messages).toMatchObject([{ isRetained: true }]);
  });

  it('of /finance is written with two slashes [trap 74]', () => {
    const world = new BrokerWorld();
    const client = world.connect({ clientId: 's' });
    client.send(subscribePacket([{ topicFilter: '$share/g//finance' }]));
    publish(world, message('x', { topicName: '/finance' }), message('y', { topicName: 'finance' }));
    expect(client.payloads).toEqual(['x']);
  });

  it(
    'hides topics with $ from leading wildcards, and ends by its whole text alone ' + '[trap 79]',
    () => {
      const world = new BrokerWorld();
      const client = world.connect({ clientId: 's' });
      client.send(subscribePacket([{ topicFilter: '$share/g/#' }]));
      const unsubscribe = (topicFilter: string): void =>
        client.send({
          type: 'unsubscribe',
          packetId: 1,
          properties: {},
          topicFilters: [topicFilter],
        });
      unsubscribe('#');
      unsubscribe('$share/h/#');
      publish(world, message('x', { topicName: '$x/y' }), message('y'));
      expect(client.payloads).toEqual(['y']);
      unsubscribe('$share/g/#');
      publish(world, message('z'));
      expect(client.payloads).toEqual(['y']);
    },
  );

  it.each(['$share/g', '$share/g/', '$share//t', '$share/g+/t', '$share/#/t'])(
    'is not what %s means [MQTT-4.8.2-1] [MQTT-4.8.2-2] [trap 74]',
    (text) => {
      const world = new BrokerWorld();
      const length = text.length.toString(16).padStart(4, '0');
      const filter = `${length} ${Buffer.from(text).toString('hex')} 00`;
      const five = world.connect({ clientId: '5' });
      five.sendBytes(frame(0x82, `0001 00 ${filter}`));
      expect(outcome(five)).toBe('disconnect 0x81');
      if (text.includes('+') || text.includes('#')) return;
      const four = world.connect({ clientId: '4', level: 4 });
      four.sendBytes(frame(0x82, `0001 ${filter}`));
      expect(four.last).toMatchObject({ type: 'suback', reasonCodes: [0x80] });
      expect(world.core.router.subscriptionCount).toBe(0);
    },
  );

  it('is shared with clients of 3.1.1 too [trap 74]', () => {
    const world = new BrokerWorld();
    const five = member(world, 'a');
    const four = world.subscriber('$share/g/t', 0, { level: 4 });
    publish(world, message('1'), message('2'));
    expect([five.payloads, four.payloads]).toEqual([['1'], ['2']]);
  });
});

import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { RequestAnswer } from '../../src/client/request-flow.ts';
import type { Packet, SubscriptionRequest } from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ClientWorld } from '../support/client-world.ts';

function request(topicFilter: string): SubscriptionRequest {
  return { topicFilter, qos: 1, isNoLocal: false, isRetainAsPublished: false, retainHandling: 0 };
}

function answer(
  type: 'suback' | 'unsuback',
  packetId: number,
  reasonCodes: readonly number[],
): Packet {
  return { type, packetId, reasonCodes, properties: NO_PROPERTIES };
}

function asking(world: ClientWorld): RequestAnswer[] {
  const answers: RequestAnswer[] = [];
  const filters = [request('a/#'), request('b')];
  world.connection.subscribe(filters, NO_PROPERTIES, (said) => answers.push(said));
  world.connection.unsubscribe(['a/#'], NO_PROPERTIES, (said) => answers.push(said));
  return answers;
}

it.each([3, 4, 5] as const)('asks and is answered at level %i [MQTT-2.2.1-6]', (level) => {
  const world = ClientWorld.connected({ level });
  const answers = asking(world);
  expect(world.sent()).toEqual([
    {
      type: 'subscribe',
      packetId: 1,
      properties: NO_PROPERTIES,
      subscriptions: [request('a/#'), request('b')],
    },
    { type: 'unsubscribe', packetId: 2, properties: NO_PROPERTIES, topicFilters: ['a/#'] },
  ]);
  const codes = level === 5 ? [0x11] : [];
  world.receive(answer('unsuback', 2, codes), answer('suback', 1, [1, level === 3 ? 2 : 0x80]));
  expect(answers).toEqual([
    { reasonCodes: codes, reasonString: undefined },
    { reasonCodes: [1, level === 3 ? 2 : 0x80], reasonString: undefined },
  ]);
});

it('shares its packet ids with PUBLISH, and gives them back [MQTT-2.2.1-3] [311:2.3.1-3]', () => {
  const world = ClientWorld.connected();
  asking(world);
  world.publish({ qos: 1 });
  expect(world.acksSent()).toEqual(['subscribe 1', 'unsubscribe 2', 'publish 3']);
});

describe('refuses an answer', () => {
  it.each<[string, Packet]>([
    ['to nothing that was asked [MQTT-2.2.1-6]', answer('suback', 9, [0, 0])],
    ['of the other kind [MQTT-2.2.1-6]', answer('suback', 2, [0])],
    ['with too few codes [MQTT-3.8.4-6]', answer('suback', 1, [0])],
    ['with too many codes [MQTT-3.11.3-2]', answer('unsuback', 2, [0, 0])],
  ])('%s', (_, packet) => {
    const world = ClientWorld.connected();
    const answers = asking(world);
    world.sent();
    world.receive(packet);
    expect(world.sent()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
    expect(answers).toEqual([]);
  });

  it('to nothing before 5.0 too [311:2.3.1-7]', () => {
    const world = ClientWorld.connected({ level: 4 });
    world.receive(answer('unsuback', 9, []));
    expect(world.channel.closing).toBe('ended');
  });
});

it('asks for nothing that the server has not', () => {
  const properties = { wildcardSubscriptionAvailable: 0 };
  const world = ClientWorld.connected({}, { properties });
  expect(() => asking(world)).toThrow(expect.objectContaining({ reasonCode: 162 }));
  expect(world.sent()).toEqual([]);
});

it('frees its ids when it is answered', () => {
  const session = new ClientSession(9);
  const world = ClientWorld.connected({}, {}, session);
  for (let count = 0; count < 65_533; count += 1) session.outbound.ids.take();
  asking(world);
  world.receive(answer('suback', 65_534, [0, 0]), answer('unsuback', 65_535, [0]));
  expect([session.outbound.ids.take(), session.outbound.ids.take()]).toEqual([65_534, 65_535]);
});

it('frees its ids when the connection ends', () => {
  const session = new ClientSession(9);
  const world = ClientWorld.connected({}, {}, session);
  for (let count = 0; count < 65_533; count += 1) session.outbound.ids.take();
  asking(world);
  expect(session.outbound.ids.isExhausted).toBe(true);
  world.channel.close();
  expect([session.outbound.ids.take(), session.outbound.ids.take()]).toEqual([65_534, 65_535]);
});

it('uses no id for a request that is larger than the server allows [MQTT-3.2.2-15]', () => {
  const session = new ClientSession(9);
  const world = ClientWorld.connected({}, { properties: { maximumPacketSize: 14 } }, session);
  for (let count = 0; count < 65_534; count += 1) session.outbound.ids.take();
  expect(() => asking(world)).toThrow(expect.objectContaining({ reasonCode: 149 }));
  expect(session.outbound.ids.isExhausted).toBe(false);
});

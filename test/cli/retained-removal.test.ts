import { expect, it } from 'vitest';
import type { CallerError } from '../../src/base/caller-error.ts';
import { RetainedRemoval } from '../../src/cli/retained-removal.ts';
import { ClientSession } from '../../src/client/client-session.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket } from '../support/packets.ts';

function removal() {
  const refusals: CallerError[] = [];
  let idleCount = 0;
  const of = new RetainedRemoval(
    (error) => refusals.push(error),
    () => {
      idleCount += 1;
    },
  );
  return { of, refusals, idle: () => idleCount };
}

it('deletes as many at a time as the broker takes, and tells when all are gone', () => {
  const { idle, of } = removal();
  const world = ClientWorld.connected({}, { properties: { receiveMaximum: 2 } });
  of.connect(world.connection);
  for (const topic of ['a', 'b', 'c']) of.add(topic);
  expect(world.acksSent()).toEqual(['publish 1', 'publish 2']);
  world.receive(ackPacket('puback', 1));
  expect(world.acksSent()).toEqual(['publish 3']);
  expect([of.isIdle, idle()]).toEqual([false, 0]);
  world.receive(ackPacket('puback', 2), ackPacket('puback', 3));
  expect([of.isIdle, idle()]).toEqual([true, 1]);
});

it('tells of a refusal', () => {
  const { of, refusals } = removal();
  const world = ClientWorld.connected();
  of.connect(world.connection);
  of.add('a');
  world.sent();
  world.receive(ackPacket('puback', 1, 0x87));
  expect(refusals).toMatchObject([{ reasonCode: 0x87 }]);
  expect(of.isIdle).toBe(true);
});

it('goes on over the next connection with what the broker has forgotten', () => {
  const { of } = removal();
  const session = new ClientSession(9);
  const first = ClientWorld.connected({ isCleanStart: false }, {}, session);
  of.connect(first.connection);
  of.add('a');
  first.sent();
  first.channel.close();
  const second = ClientWorld.connected({ isCleanStart: false }, {}, session);
  of.connect(second.connection);
  expect(second.sent()).toMatchObject([{ type: 'publish', topicName: 'a', isRetained: true }]);
});

import { expect, it } from 'vitest';
import { OutboundDrops, type OutboundQueue } from '../../src/broker/outbound-drops.ts';
import { MessageQueue } from '../../src/session/message-queue.ts';
import { BrokerWorld } from '../support/broker-world.ts';

function setUp(): { readonly world: BrokerWorld; readonly drops: OutboundDrops } {
  const world = new BrokerWorld();
  const limits = { messagesMax: 1, bytesMax: 1_000, whenFull: 'drop-old' } as const;
  const queue: OutboundQueue = new MessageQueue(limits);
  const session = { clientId: 's', isDurable: true, epoch: 1 };
  return { world, drops: new OutboundDrops(world.core, session, queue) };
}

it('counts what is dropped, for the client and for all', () => {
  const { drops, world } = setUp();
  drops.add('queueFull', 2);
  drops.add('queueFull', 0);
  drops.add('expired', 1);
  expect([drops.count, world.core.counters.messagesDropped]).toEqual([3, 3]);
});

it('logs what a limit takes, and not what has expired or is too slow', () => {
  const { drops, world } = setUp();
  drops.add('expired', 1);
  drops.add('slowQos0', 1);
  expect(world.log).toEqual([]);
  drops.add('tooLarge', 1);
  expect(world.log).toEqual(['queue_drop']);
  drops.add('tooLarge', 4);
  drops.end();
  expect(world.events.at(-1)?.fields).toMatchObject({ client: 's', count: 4 });
});

it('says whether the client is here, and else for how long it has been away', () => {
  const { drops, world } = setUp();
  drops.onHere(50);
  expect(drops.dropNote('queueFull').message).toContain('does not keep up');
  drops.onAway();
  world.advance(7);
  expect(drops.dropNote('queueFull').message).toContain('away for 7 s');
});

it('names the size that a message was too large for, wherever the client is by then', () => {
  const { drops } = setUp();
  drops.onHere(50);
  drops.add('tooLarge', 1);
  drops.onAway();
  expect(drops.dropNote('tooLarge').message).toContain('50 bytes');
  drops.onHere(70);
  expect(drops.dropNote('tooLarge').message).toContain('50 bytes');
});

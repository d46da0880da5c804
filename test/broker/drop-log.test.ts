import { expect, it } from 'vitest';
import { DropLog, type DropReason } from '../../src/broker/drop-log.ts';
import { BrokerWorld } from '../support/broker-world.ts';

function logOf(world: BrokerWorld): DropLog {
  return new DropLog(world.core, {
    clientId: 'esp-7',
    dropNote: (reason: DropReason) => ({ limit: '--limit', message: reason, next: 'do this' }),
  });
}

function counts(world: BrokerWorld): unknown[] {
  return world.events.map(({ fields: { count } }) => count);
}

it('tells the first drop at once: who, how many, which limit, what to do', () => {
  const world = new BrokerWorld();
  logOf(world).add('queueFull', 2);
  expect(world.events).toEqual([
    {
      level: 'warn',
      event: 'queue_drop',
      fields: {
        client: 'esp-7',
        count: 2,
        limit: '--limit',
        message: 'queueFull',
        next: 'do this',
      },
    },
  ]);
});

it('tells of a flood in sums, ever more seldom', () => {
  const world = new BrokerWorld();
  const log = logOf(world);
  for (let second = 0; second < 100; second += 1) {
    for (let n = 0; n < 10; n += 1) log.add('queueFull', 1);
    world.advance(1);
  }
  expect(counts(world)).toEqual([1, 99, 200, 400]);
});

it('counts each reason by itself', () => {
  const world = new BrokerWorld();
  const log = logOf(world);
  log.add('queueFull', 1);
  log.add('tooLarge', 2);
  log.add('queueFull', 3);
  log.add('tooLarge', 4);
  world.advance(10);
  const told = world.events.map(({ fields: { count, message } }) => [count, message]);
  expect(told).toEqual([
    [1, 'queueFull'],
    [6, 'tooLarge'],
    [3, 'queueFull'],
  ]);
});

it('begins anew after a while without drops', () => {
  const world = new BrokerWorld();
  const log = logOf(world);
  log.add('queueFull', 1);
  log.add('queueFull', 5);
  world.advance(10 + 20);
  log.add('tooLarge', 3);
  log.add('tooLarge', 4);
  world.advance(10);
  expect(counts(world)).toEqual([1, 5, 3, 4]);
});

it('leaves nothing untold and nobody waiting at its end', () => {
  const world = new BrokerWorld();
  const log = logOf(world);
  log.add('queueFull', 1);
  log.add('queueFull', 5);
  log.end();
  expect(counts(world)).toEqual([1, 5]);
  expect(world.core.deadlines.size).toBe(0);
});

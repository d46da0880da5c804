import { expect, it } from 'vitest';
import { LimitLog, type LimitNote } from '../../src/broker/limit-log.ts';
import { BrokerWorld } from '../support/broker-world.ts';

const NOTE: LimitNote = {
  event: 'limit_reached',
  reason: 'quotaExceeded',
  limit: '--max-payload',
  message: 'too much',
};

it('tells once in ten seconds of each limit that a client runs into', () => {
  const world = new BrokerWorld();
  const channel = { peer: '192.0.2.7:50412' };
  const { core } = world;
  const client = { clientId: 'esp-7', userName: 'dev7' };
  const listener = 'mqtt:1883';
  const connection = { core, ...client, channel, listener, level: 4 } as const;
  const log = new LimitLog(world.core.ports, connection);
  log.note(NOTE);
  log.note(NOTE);
  log.note({ ...NOTE, limit: '--max-retained' });
  world.advance(10);
  log.note(NOTE);
  expect(world.events[0]).toEqual({
    level: 'warn',
    event: 'limit_reached',
    fields: {
      client: 'esp-7',
      addr: '192.0.2.7:50412',
      user: 'dev7',
      listener: 'mqtt:1883',
      version: '3.1.1',
      reason: 'Quota exceeded',
      code: '0x97',
      limit: '--max-payload',
      count: 1,
      message: 'too much',
      next: expect.stringContaining('--max-payload'),
    },
  });
  const told = world.events.map(({ fields: { count, limit } }) => [limit, count]);
  expect(told).toEqual([
    ['--max-payload', 1],
    ['--max-retained', 1],
    ['--max-payload', 2],
  ]);
});

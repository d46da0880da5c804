import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { statusFields } from '../../src/broker/status.ts';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { KEPT, message, publish } from '../support/conformance.ts';

it('counts who is here, what is kept and what has gone through', () => {
  const world = new BrokerWorld({ queueMessagesMax: 2, memoryBytesMax: 10_000_000 });
  world.open();
  const away = world.connect({ clientId: 'away', properties: KEPT });
  away.send(subscribePacket([{ topicFilter: 't', qos: 1 }]));
  away.drop();
  world.subscriber('t');
  const payload = Buffer.from('x');
  const kept = { qos: 1, isRetained: true, payload } as const;
  const client = publish(world, message('', kept), message('', kept), message('', kept));
  client.send(message('', { qos: 1, topicName: '$SYS/x' }));
  const { bytesReceived, bytesSent } = world.core.counters;
  expect(statusFields(world.core)).toEqual({
    connections: 2,
    pending: 1,
    sessions: 3,
    subscriptions: 2,
    retained: 1,
    waiting: 2,
    memory_used: world.core.memory.bytes,
    memory_max: 10_000_000,
    received: 3,
    sent: 3,
    refused: 1,
    dropped: 1,
    dropped_queue_full: 1,
    bytes_received: bytesReceived,
    bytes_sent: bytesSent,
  });
});

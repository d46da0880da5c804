import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/broker/connection.ts';
import { takeAcks } from '../../src/broker/hot-acks.ts';
import { BrokerWorld, type TestClient } from '../support/broker-world.ts';
import { hex } from '../support/hex.ts';
import { publishPacket } from '../support/packets.ts';

interface Setup {
  readonly world: BrokerWorld;
  readonly client: TestClient;
  readonly connection: Connection;
}

/** A client that has been sent so many messages, and has acknowledged none. */
function sent(qos: 1 | 2, count: number): Setup {
  const world = new BrokerWorld({ inflightMax: 300 });
  const client = world.subscriber('a/b', qos, { clientId: 's' });
  const publisher = world.connect({ clientId: 'p' });
  for (let packetId = 1; packetId <= count; packetId += 1) {
    publisher.send(publishPacket({ qos: 1, packetId }));
    if (qos === 2) publisher.send(publishPacket({ qos: 2, packetId }));
  }
  client.take();
  const connection = world.core.sessions.find('s')?.connection;
  if (connection === undefined) throw new Error('it is connected');
  return { world, client, connection };
}

function take({ connection }: Setup, bytes: Buffer): number {
  return takeAcks(connection, bytes, 0, bytes.length);
}

describe('acks that are due', () => {
  it('are taken up to the first other frame', () => {
    const all = sent(1, 3);
    expect(take(all, hex`40 02 00 01  40 02 00 02  c0 00`)).toBe(8);
    expect(all.world.core.sessions.find('s')?.waitingCount).toBe(1);
  });

  it('of QoS 2 are answered, all in one [MQTT-4.3.3-4]', () => {
    const all = sent(2, 2);
    // Ids 1 and 3 are those of messages with QoS 1.
    expect(take(all, hex`50 02 00 02  50 02 00 04`)).toBe(8);
    all.world.settle();
    expect(all.client.take()).toMatchObject([
      { type: 'pubrel', packetId: 2 },
      { type: 'pubrel', packetId: 4 },
    ]);
    expect(take(all, hex`70 02 00 02  70 02 00 04`)).toBe(8);
    expect(all.world.core.sessions.find('s')?.waitingCount).toBe(2);
  });
});

describe('left to the codec path is an ack that', () => {
  it.each([
    ['nobody waits for', hex`40 02 00 09`],
    ['comes for the other QoS', hex`50 02 00 01`],
    ['comes too early', hex`70 02 00 01`],
    ['has a reason code', hex`40 03 00 01 10`],
    ['has flags', hex`41 02 00 01`],
    ['has packet id 0', hex`40 02 00 00`],
    ['releases what is not held', hex`62 02 00 01`],
  ])('%s', (_, bytes) => {
    const all = sent(1, 1);
    expect(take(all, bytes)).toBe(0);
    expect(all.world.core.sessions.find('s')?.waitingCount).toBe(1);
  });

  it('has not come whole', () => {
    const all = sent(1, 256);
    const bytes = Buffer.concat([hex`40 02 00 01`, hex`40 02 01`]);
    expect(take(all, bytes)).toBe(4);
    expect(all.world.core.sessions.find('s')?.waitingCount).toBe(255);
  });
});

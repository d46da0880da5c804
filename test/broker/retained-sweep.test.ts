import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

describe('retained messages that have expired', () => {
  it('are forgotten, wherever they are, in pieces of a turn', () => {
    const world = new BrokerWorld();
    const client = world.connect();
    const properties = { messageExpiryInterval: 30 };
    for (let n = 0; n < 2_500; n += 1) {
      const topicName = n % 2 === 0 ? `$x/${n}` : `a/${n}`;
      client.send(
        publishPacket({ topicName, isRetained: true, payload: Buffer.of(1), properties }),
      );
    }
    client.send(publishPacket({ isRetained: true, payload: Buffer.of(1) }));
    world.advance(59);
    expect(world.core.router.retainedCount).toBe(2_501);
    world.advance(2);
    expect(world.core.router.retainedCount).toBe(1);
  });

  it('count no more once they are forgotten, as soon as that is wanted', () => {
    const world = new BrokerWorld({ retainedMessagesMax: 1, retainedSweepMs: 5_000 });
    const client = world.connect();
    const properties = { messageExpiryInterval: 1 };
    const retained = { qos: 1, isRetained: true, payload: Buffer.of(1) } as const;
    client.send(publishPacket({ ...retained, topicName: 'a', packetId: 1, properties }));
    world.advance(4);
    client.send(publishPacket({ ...retained, topicName: 'b', packetId: 1 }));
    expect(client.last).toMatchObject({ type: 'puback', reasonCode: 0x97 });
    world.advance(1);
    expect(world.core.router.retainedBytes).toBe(0);
    client.send(publishPacket({ ...retained, topicName: 'b', packetId: 1 }));
    expect(client.last).toMatchObject({ type: 'puback', reasonCode: 0x10 });
    client.send(publishPacket({ ...retained, topicName: 'b', packetId: 1, properties }));
    world.advance(6);
    expect(world.core.router.retainedCount).toBe(0);
  });

  it('are looked at some at a time', () => {
    const world = new BrokerWorld();
    const client = world.connect();
    const properties = { messageExpiryInterval: 30 };
    for (let n = 0; n < 1_500; n += 1) {
      const payload = Buffer.of(1);
      client.send(publishPacket({ topicName: `a/${n}`, isRetained: true, payload, properties }));
    }
    world.nowMs += 61_000;
    world.broker.onAlarm();
    expect(world.core.router.retainedCount).toBe(500);
    world.settle();
    expect(world.core.router.retainedCount).toBe(0);
  });
});

import { expect, it } from 'vitest';
import { PublishStrip } from '../../src/bench/publish-strip.ts';
import { Publisher } from '../../src/bench/publisher.ts';
import type { PublishPacket, QoS } from '../../src/codec/packet.ts';
import { BenchWorld } from '../support/bench-world.ts';

/** A publisher with room for four packets in its strip. */
function publisherWith(qos: QoS, windowMax: number | undefined) {
  const peer = new BenchWorld().connected();
  const shape = { level: 4, qos, isRetained: false, topic: 't', topicCount: 1 } as const;
  const strip = (bytesMax: number) => {
    return new PublishStrip({ ...shape, payloadBytes: 12, publisher: 3 }, bytesMax);
  };
  const told: string[] = [];
  const host = {
    onReady: () => void told.push('ready'),
    onAcked: () => void told.push('acked'),
    onStrayAck: () => void told.push('stray'),
  };
  const parts = { link: peer.link, strip: strip(strip(1).frameBytes * 4), windowMax };
  return { peer, told, publisher: new Publisher(host, 3, parts) };
}

function stampsOf(packets: readonly unknown[]): number[][] {
  return packets.map((packet) => {
    const { payload } = packet as PublishPacket;
    return [0, 4, 8].map((at) => payload.readUInt32BE(at));
  });
}

it('stamps each message with publisher, sequence and moment, and sends all at once', () => {
  const { peer, publisher } = publisherWith(0, undefined);
  expect(publisher.room).toBe(4);
  publisher.send(3, 1, 0.5);
  publisher.send(1, 9, 0);
  expect(peer.channel.writes).toHaveLength(3);
  expect(stampsOf(peer.received())).toEqual([
    [3, 0, 1000],
    [3, 1, 1500],
    [3, 2, 2000],
    [3, 3, 9000],
  ]);
  expect(publisher.sentCount).toBe(4);
});

it('has no room while its link is blocked', () => {
  const { peer, publisher, told } = publisherWith(0, undefined);
  peer.channel.isBlocked = true;
  publisher.send(1, 0, 0);
  expect(publisher.room).toBe(0);
  peer.channel.isBlocked = false;
  publisher.onDrained();
  expect([publisher.room, told]).toEqual([4, ['ready']]);
});

it('has as much room as its window leaves, and gets it back with each ack', () => {
  const { peer, publisher, told } = publisherWith(1, 3);
  publisher.send(2, 0, 0);
  expect(peer.received()).toMatchObject([{ packetId: 1 }, { packetId: 2 }]);
  expect([publisher.room, publisher.inFlightCount]).toEqual([1, 2]);
  publisher.onSettled(2);
  expect([publisher.room, publisher.inFlightCount, told]).toEqual([2, 1, ['acked', 'ready']]);
});

it('tells of an ack that nobody waits for', () => {
  const { publisher, told } = publisherWith(2, 3);
  publisher.send(1, 0, 0);
  publisher.onSettled(2);
  publisher.onSettled(1);
  publisher.onSettled(1);
  expect(told).toEqual(['stray', 'acked', 'ready', 'stray']);
});

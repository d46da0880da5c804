import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { BenchLink, LinkRole } from '../../src/bench/bench-link.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { BenchWorld } from '../support/bench-world.ts';
import { hex } from '../support/hex.ts';
import { ackPacket, connackPacket, publishPacket } from '../support/packets.ts';

/** Notes what it is told, as words. */
function listen(link: BenchLink): string[] {
  const told: string[] = [];
  const role: LinkRole = {
    onChunk: () => void told.push('['),
    onChunkEnd: () => void told.push(']'),
    onMessage: (bytes, { payloadAt, payloadEnd }) => {
      told.push(bytes.toString('latin1', payloadAt, payloadEnd));
    },
    onSettled: (packetId) => void told.push(`settled ${packetId}`),
    onDrained: () => void told.push('drained'),
  };
  link.role = role;
  return told;
}

const suback = (...reasonCodes: number[]) => {
  return { type: 'suback', packetId: 1, properties: NO_PROPERTIES, reasonCodes } as const;
};

it('connects, subscribes, pings and says goodbye', () => {
  const world = new BenchWorld();
  const peer = world.open();
  expect(peer.received()).toMatchObject([{ type: 'connect', clientId: 'c', level: 4 }]);
  peer.receive(connackPacket());
  peer.link.subscribe(['a/#'], 1);
  expect(peer.sent()).toMatchObject([
    { type: 'subscribe', subscriptions: [{ topicFilter: 'a/#', qos: 1 }] },
  ]);
  peer.receive(suback(1));
  peer.link.ping();
  expect(peer.sent()).toEqual([{ type: 'pingreq' }]);
  peer.receive({ type: 'pingresp' });
  expect(peer.told).toEqual(['connected', 'subscribed', 'pong']);
  peer.link.end();
  expect(peer.received()).toMatchObject([{ type: 'disconnect' }]);
  expect(peer.channel.closing).toBe('ended');
  peer.channel.close();
  peer.link.end();
  expect(peer.told).toHaveLength(3);
});

it('tells its role each message and each ack, chunk by chunk', () => {
  const peer = new BenchWorld().connected();
  const told = listen(peer.link);
  peer.receive(publishPacket({ payload: Buffer.from('one') }), ackPacket('puback', 7));
  peer.receive(ackPacket('pubcomp', 8));
  peer.channel.drain();
  expect(told).toEqual(['[', 'one', 'settled 7', ']', '[', 'settled 8', ']', 'drained']);
});

it('acknowledges messages and goes on with QoS 2, in one write', () => {
  const peer = new BenchWorld().connected();
  listen(peer.link);
  const writes = peer.channel.writes.length;
  peer.receive(
    publishPacket({ qos: 1, packetId: 1 }),
    publishPacket({ qos: 2, packetId: 2 }),
    ackPacket('pubrel', 3),
    ackPacket('pubrec', 4),
    publishPacket(),
  );
  expect(peer.sent()).toEqual([
    ackPacket('puback', 1),
    ackPacket('pubrec', 2),
    ackPacket('pubcomp', 3),
    ackPacket('pubrel', 4),
  ]);
  expect(peer.channel.writes).toHaveLength(writes + 1);
});

it('takes an ack whose reason code is no refusal for one without', () => {
  const peer = new BenchWorld().connected(5);
  const told = listen(peer.link);
  peer.receive(ackPacket('puback', 9, 0x10), ackPacket('pubrec', 10, 0x10));
  expect(told).toEqual(['[', 'settled 9', ']']);
  expect(peer.sent()).toEqual([ackPacket('pubrel', 10)]);
});

it('pings where nothing else was sent since it was asked last', () => {
  const peer = new BenchWorld().connected();
  peer.link.keepAlive();
  peer.sent();
  peer.link.keepAlive();
  expect(peer.sent()).toEqual([{ type: 'pingreq' }]);
  // The ping itself was sent since then.
  peer.link.keepAlive();
  expect(peer.sent()).toEqual([]);
  peer.link.keepAlive();
  expect(peer.sent()).toEqual([{ type: 'pingreq' }]);
  peer.link.keepAlive();
  peer.link.write(hex`c0 00`);
  peer.received();
  peer.link.keepAlive();
  expect(peer.sent()).toEqual([]);
});

it('hears no more once it has said goodbye', () => {
  const peer = new BenchWorld().connected();
  const told = listen(peer.link);
  peer.link.end();
  peer.receive(publishPacket());
  expect(told).toEqual([]);
});

it('says whether what it writes has left', () => {
  const peer = new BenchWorld().connected();
  expect(peer.link.write(hex`c0 00`)).toBe(true);
  peer.channel.isBlocked = true;
  expect(peer.link.write(hex`c0 00`)).toBe(false);
});

describe('ends where', () => {
  it('CONNACK refuses, with a code of 5.0 in every version', () => {
    for (const [level, reasonCode] of [
      [4, 5],
      [5, 0x87],
    ] as const) {
      const peer = new BenchWorld().open(level);
      peer.receive(connackPacket({ reasonCode }));
      expect(peer.end).toMatchObject({ kind: 'refused', packet: { reasonCode: 0x87 } });
      expect(peer.channel.closing).toBe('destroyed');
    }
  });

  it.each(['puback', 'pubrec'] as const)('%s refuses', (type) => {
    const peer = new BenchWorld().connected(5);
    peer.receive(ackPacket(type, 1, 0x97));
    expect(peer.end).toMatchObject({ kind: 'denied', packet: type, reasonCode: 0x97 });
  });

  it('SUBACK refuses, or grants less', () => {
    const [denied, less] = [new BenchWorld().connected(), new BenchWorld().connected()];
    for (const { link } of [denied, less]) link.subscribe(['a', 'b'], 2);
    denied.receive(suback(0x80));
    less.receive(suback(1));
    expect(denied.end).toMatchObject({ kind: 'denied', packet: 'suback', reasonCode: 0x80 });
    expect(less.end).toEqual({ kind: 'downgraded', granted: 1 });
  });

  it('the broker says goodbye', () => {
    const peer = new BenchWorld().connected(5);
    peer.receive({ type: 'disconnect', reasonCode: 0x8b, properties: NO_PROPERTIES });
    expect(peer.end).toMatchObject({ kind: 'disconnected', packet: { reasonCode: 0x8b } });
  });

  it('the connection closes, and tells whether that was before CONNACK', () => {
    const world = new BenchWorld();
    const [early, late] = [world.open(), world.connected()];
    const cause = new Error('reset');
    early.channel.close();
    late.channel.close(cause);
    expect(early.end).toEqual({ kind: 'closed', wasConnected: false, cause: undefined });
    expect(late.end).toEqual({ kind: 'closed', wasConnected: true, cause });
    expect(late.told).toEqual(['connected', 'end: closed']);
  });

  it.each([
    ['something else answers', Buffer.from('HTTP/1.1 400 Bad Request')],
    ['a message comes before CONNACK', hex`30 03 00 01 61`],
  ])('%s', (_, bytes) => {
    const peer = new BenchWorld().open();
    peer.channel.arrive(bytes);
    expect(peer.end).toMatchObject({ kind: 'broke', error: { rule: 'before-connack' } });
    peer.channel.arrive(bytes);
    expect(peer.told).toEqual(['end: broke']);
  });

  it.each([
    ['a request comes from the broker', hex`82 06 00 01 00 01 61 00`, 'direction'],
    ['bytes are no packets', hex`d0 ff ff ff ff 01`, 'length-too-long'],
    ['AUTH comes', hex`f0 00`, 'auth-method'],
  ])('%s', (_, bytes, rule) => {
    const peer = new BenchWorld().connected(5);
    peer.channel.arrive(bytes);
    expect(peer.end).toMatchObject({ kind: 'broke', error: { rule } });
  });
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OrderedLedger } from '../../src/bench/ordered-ledger.ts';
import { PublishStrip } from '../../src/bench/publish-strip.ts';
import { Traffic } from '../../src/bench/traffic.ts';
import type { PublishPacket, QoS } from '../../src/codec/packet.ts';
import { type BenchPeer, BenchWorld } from '../support/bench-world.ts';
import { ackPacket } from '../support/packets.ts';

const PAYLOAD_BYTES = 12;

/** Publishers and one subscriber, with the test as their broker. */
function play({ publishers = 1, qos = 0 as QoS, ahead = 100, window = 10, strip = 65_536 } = {}) {
  const world = new BenchWorld();
  const traffic = new Traffic({
    clock: world,
    ledger: new OrderedLedger(1, publishers, false),
    fan: 1,
    payloadBytes: PAYLOAD_BYTES,
    aheadMax: ahead,
  });
  const subscriber = world.connected();
  traffic.addSubscriber(subscriber.link, 0);
  const peers = Array.from({ length: publishers }, (_, index) => {
    const peer = world.connected();
    const shape = { level: 4, qos, isRetained: false, topic: `t/${index}`, topicCount: 1 } as const;
    const parts = {
      link: peer.link,
      strip: new PublishStrip({ ...shape, payloadBytes: PAYLOAD_BYTES, publisher: index }, strip),
      windowMax: qos === 0 ? undefined : window,
    };
    traffic.addPublisher(parts);
    return peer;
  });
  const [first] = peers;
  if (first === undefined) throw new Error('a publisher at least');
  return { world, traffic, subscriber, peers, first };
}

function messages(peer: BenchPeer): PublishPacket[] {
  return peer.received().filter((packet) => packet.type === 'publish');
}

/** When each message was due, in microseconds. */
function stamps(all: readonly PublishPacket[]): number[] {
  return all.map(({ payload }) => payload.readUInt32BE(8));
}

/** The broker delivers what it has got, at QoS 0. */
function deliver(subscriber: BenchPeer, all: readonly PublishPacket[]): void {
  for (const message of all) {
    const payload = Buffer.from(message.payload);
    subscriber.receive({ ...message, qos: 0, packetId: undefined, payload });
  }
}

describe('as fast as it goes', () => {
  it('sends as much as may be ahead, and more when that is delivered', () => {
    const { first, subscriber, traffic, world } = play({ ahead: 100 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    const sent = messages(first);
    expect(sent).toHaveLength(100);
    expect(world.isTurning).toBe(false);
    deliver(subscriber, sent.slice(0, 30));
    world.turn(3);
    expect(messages(first)).toHaveLength(30);
  });

  it('counts what a later message shows to be lost as delivered', () => {
    const { first, subscriber, traffic, world } = play({ ahead: 100 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    deliver(subscriber, messages(first).slice(99));
    world.turn(3);
    expect(messages(first)).toHaveLength(100);
  });

  it('gives up what does not come for a second, and goes on', () => {
    const { first, traffic, world } = play({ ahead: 100 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    messages(first);
    world.pass(999);
    traffic.onTick(world.nowMs());
    world.turn(3);
    expect(messages(first)).toHaveLength(0);
    world.pass(1);
    traffic.onTick(world.nowMs());
    world.turn(3);
    expect(messages(first)).toHaveLength(100);
  });

  it('lets publishers take turns, a strip at a time', () => {
    const { peers, traffic, world } = play({ publishers: 3, ahead: 1000, strip: 400 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    for (let turn = 0; turn < 2; turn += 1) {
      world.turn();
      const counts = peers.map((peer) => messages(peer).length);
      expect(new Set(counts).size).toBe(1);
      expect(counts[0]).toBeGreaterThan(0);
    }
  });

  it.each([1, 2] as const)('keeps to the window at QoS %i, by acks', (qos) => {
    const { first, traffic, world } = play({ qos, window: 5 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    expect(messages(first).map(({ packetId }) => packetId)).toEqual([1, 2, 3, 4, 5]);
    expect(traffic.inFlightCount).toBe(5);
    const done = qos === 1 ? 'puback' : 'pubcomp';
    first.receive(ackPacket(done, 2), ackPacket(done, 4));
    world.turn(3);
    expect(messages(first).map(({ packetId }) => packetId)).toEqual([6, 7]);
    first.receive(ackPacket(done, 2));
    expect(traffic).toMatchObject({ inFlightCount: 5, strayAckCount: 1 });
  });

  it('waits for a link that is blocked', () => {
    const { first, traffic, world } = play({ strip: 400 });
    first.channel.isBlocked = true;
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    const { length } = first.channel.writes;
    world.turn(3);
    expect(first.channel.writes).toHaveLength(length);
    first.channel.drain();
    world.turn(3);
    expect(first.channel.writes.length).toBeGreaterThan(length);
  });

  it('sends so many, shared evenly, and is done when all have come', () => {
    const { peers, subscriber, traffic, world } = play({ publishers: 3 });
    traffic.start({ count: 8, rate: undefined });
    expect(traffic.isDone).toBe(false);
    world.turn(3);
    const sent = peers.map(messages);
    expect(sent.map(({ length }) => length)).toEqual([3, 3, 2]);
    const all = sent.flat();
    deliver(subscriber, all.slice(1));
    expect(traffic.isDone).toBe(true);
    expect(traffic.ledger).toMatchObject({ uniqueCount: 7, settledCount: 8 });
  });

  it('is not done while an ack is missing', () => {
    const { first, subscriber, traffic, world } = play({ qos: 1 });
    traffic.start({ count: 1, rate: undefined });
    world.turn(3);
    deliver(subscriber, messages(first));
    expect(traffic.isDone).toBe(false);
    first.receive(ackPacket('puback', 1));
    expect(traffic.isDone).toBe(true);
  });

  it('sends nothing more once it is stopped, whatever is delivered', () => {
    const { first, subscriber, traffic, world } = play({ ahead: 10 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    traffic.stop();
    const sent = messages(first);
    expect(traffic.isDone).toBe(false);
    deliver(subscriber, sent);
    world.turn(3);
    expect(messages(first)).toEqual([]);
    expect(traffic.isDone).toBe(true);
  });

  it('sends nothing more once it is stopped, though others have sent more', () => {
    const { peers, subscriber, traffic, world } = play({ publishers: 2, ahead: 10 });
    const [blocked, other] = peers;
    if (blocked === undefined || other === undefined) return;
    blocked.channel.isBlocked = true;
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn(3);
    for (let round = 0; round < 3; round += 1) {
      deliver(subscriber, messages(other));
      world.turn(3);
    }
    traffic.stop();
    const { sentCount } = traffic;
    blocked.channel.drain();
    world.turn(3);
    deliver(subscriber, messages(blocked));
    deliver(subscriber, messages(other));
    world.turn(3);
    expect(traffic.sentCount).toBe(sentCount);
  });

  it('measures latency from the moment of sending', () => {
    const { first, subscriber, traffic, world } = play({ ahead: 1 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: undefined });
    world.turn();
    world.pass(2);
    deliver(subscriber, messages(first));
    expect(traffic.latency).toMatchObject({ count: 1, max: 2000 });
    expect(traffic.lateness.count).toBe(0);
  });
});

describe('at a rate', () => {
  it('sends each message when it is due, to publishers in turn', () => {
    const { peers, traffic, world } = play({ publishers: 2 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: 100 });
    const counts = () => peers.map((peer) => messages(peer).length);
    expect(counts()).toEqual([1, 0]);
    world.pass(9.5);
    world.turn();
    expect(counts()).toEqual([0, 0]);
    world.pass(0.5);
    world.turn();
    expect(counts()).toEqual([0, 1]);
  });

  it('sleeps until two milliseconds before the next message, and then turns', () => {
    const { first, traffic, world } = play();
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: 100 });
    world.turn();
    expect([world.isTurning, world.nextAlarmMs]).toEqual([false, world.nowMs() + 8]);
    world.pass(8);
    messages(first);
    expect(world.isTurning).toBe(true);
    world.pass(2);
    world.turn();
    expect(messages(first)).toHaveLength(1);
  });

  it('counts latency from when a message was due, though it could not be sent', () => {
    const { first, subscriber, traffic, world } = play();
    const startUs = world.nowMs() * 1000;
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: 1000 });
    world.turn();
    messages(first);
    // The machine, or the garbage collector, takes 50 ms.
    world.pass(50);
    world.turn();
    const sent = messages(first);
    expect(stamps(sent)).toEqual(sent.map((_, index) => startUs + (index + 1) * 1000));
    expect(sent).toHaveLength(50);
    expect(traffic.lateness).toMatchObject({ count: 51, max: 49_000 });
    world.pass(5);
    deliver(subscriber, sent.slice(0, 1));
    expect(traffic.latency.max).toBe(54_000);
  });

  it('waits for acks where the window is full, and not for deliveries', () => {
    const { first, traffic, world } = play({ qos: 1, window: 3, ahead: 1 });
    const startUs = world.nowMs() * 1000;
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: 1000 });
    world.pass(10);
    world.turn();
    expect(messages(first)).toHaveLength(3);
    world.pass(10);
    first.receive(ackPacket('puback', 1));
    world.turn();
    expect(stamps(messages(first))).toEqual([startUs + 3000]);
  });

  it('sends after its stop what was due before', () => {
    const { first, subscriber, traffic, world } = play({ qos: 1, window: 1 });
    traffic.start({ count: Number.POSITIVE_INFINITY, rate: 1000 });
    world.pass(2);
    world.turn();
    traffic.stop();
    world.pass(10);
    for (const packetId of [1, 2, 3]) {
      deliver(subscriber, messages(first));
      expect(traffic.isDone).toBe(false);
      first.receive(ackPacket('puback', packetId));
      world.turn(2);
    }
    expect(messages(first)).toEqual([]);
    expect(traffic).toMatchObject({ isDone: true, sentCount: 3 });
  });

  it('ends by itself with its count', () => {
    const { first, traffic, world } = play();
    traffic.start({ count: 3, rate: 1000 });
    world.pass(100);
    world.turn(3);
    expect(messages(first)).toHaveLength(3);
    expect([world.isTurning, world.nextAlarmMs]).toEqual([false, undefined]);
  });
});

it('goes on with the sequence, and measures anew, when it is started again', () => {
  const { first, subscriber, traffic, world } = play();
  traffic.start({ count: 2, rate: undefined });
  world.turn(3);
  world.pass(7);
  deliver(subscriber, messages(first));
  traffic.start({ count: 3, rate: undefined });
  world.turn(3);
  const sent = messages(first);
  expect(sent.map(({ payload }) => payload.readUInt32BE(4))).toEqual([2, 3, 4]);
  deliver(subscriber, sent);
  expect(traffic.latency).toMatchObject({ count: 3, max: 0 });
  expect(traffic.ledger).toMatchObject({ uniqueCount: 5, duplicateCount: 0 });
});

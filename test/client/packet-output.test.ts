import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { PacketOutput } from '../../src/client/packet-output.ts';
import { hex } from '../support/hex.ts';
import { MemoryChannel } from '../support/memory-channel.ts';
import { publishPacket } from '../support/packets.ts';

const PING = { type: 'pingreq' } as const;

/** Output to a channel of the test, with turns that end when the test says so. */
class Desk {
  readonly channel = new MemoryChannel();
  sentCount = 0;
  readonly output: PacketOutput;
  readonly #turnEnds: (() => void)[] = [];

  constructor() {
    this.output = new PacketOutput(this.channel, 5, {
      atTurnEnd: (callback) => this.#turnEnds.push(callback),
      onSent: () => {
        this.sentCount += 1;
      },
    });
  }

  endTurn(): number {
    const callbacks = this.#turnEnds.splice(0);
    for (const callback of callbacks) callback();
    return callbacks.length;
  }
}

it('writes the packets of one turn at once', () => {
  const desk = new Desk();
  desk.output.send(PING);
  desk.output.send(PING);
  expect(desk.channel.writes).toEqual([]);
  expect(desk.endTurn()).toBe(1);
  expect(desk.channel.writes).toEqual([hex`c0 00 c0 00`]);
  expect(desk.sentCount).toBe(2);
});

it('asks for no turn without anything to write', () => {
  expect(new Desk().endTurn()).toBe(0);
});

it('keeps the order of small and large packets', () => {
  const desk = new Desk();
  const payload = Buffer.alloc(100_000, 1);
  desk.output.send(PING);
  desk.output.send(publishPacket({ payload }));
  desk.output.send(PING);
  desk.endTurn();
  expect(desk.channel.writes.map((bytes) => bytes.length)).toEqual([2, 100_010, 2]);
  expect(desk.channel.writes[1]?.subarray(-payload.length)).toEqual(payload);
});

it('keeps the order where one who waits sends a large packet in answer', () => {
  const desk = new Desk();
  desk.output.send(PING);
  desk.output.whenWritten(() => {
    desk.output.send(publishPacket({ payload: Buffer.alloc(30_000) }));
  });
  desk.output.send(publishPacket({ payload: Buffer.alloc(20_000) }));
  desk.endTurn();
  desk.endTurn();
  expect(desk.channel.writes.map((bytes) => bytes.length)).toEqual([2, 20_010, 30_010]);
});

it('grows with many small packets', () => {
  const desk = new Desk();
  for (let count = 0; count < 5000; count += 1) desk.output.send(PING);
  desk.endTurn();
  expect(Buffer.concat(desk.channel.writes)).toEqual(Buffer.alloc(10_000, hex`c0 00`));
});

it('collects no more than 64 KiB, however long the turn is', () => {
  const desk = new Desk();
  const calls: number[] = [];
  const packet = publishPacket({ payload: Buffer.alloc(1000) });
  for (let count = 0; count < 100; count += 1) {
    desk.output.send(packet);
    desk.output.whenWritten(() => calls.push(count));
  }
  const [first] = desk.channel.writes;
  expect(first?.length).toBeGreaterThanOrEqual(65_536);
  expect(first?.length).toBeLessThan(66_600);
  expect(calls).toHaveLength(Math.floor((first?.length ?? 0) / 1008) - 1);
  desk.endTurn();
  expect(calls).toHaveLength(100);
});

it('bears any number of those who wait', () => {
  const desk = new Desk();
  let count = 0;
  for (let made = 0; made < 300_000; made += 1) {
    desk.output.whenWritten(() => {
      count += 1;
    });
  }
  desk.endTurn();
  expect(count).toBe(300_000);
});

it('leaves to the channel the bytes that it keeps', () => {
  const desk = new Desk();
  desk.channel.isBlocked = true;
  desk.output.send(PING);
  desk.endTurn();
  desk.output.send({ type: 'pingresp' });
  desk.endTurn();
  expect(Buffer.concat(desk.channel.writes)).toEqual(hex`c0 00 d0 00`);
});

describe('whenWritten', () => {
  it('calls when the bytes before it have left, in order', () => {
    const desk = new Desk();
    const calls: string[] = [];
    desk.output.send(PING);
    desk.output.whenWritten(() => calls.push('first'));
    desk.output.whenWritten(() => calls.push('second'));
    expect(calls).toEqual([]);
    desk.endTurn();
    expect(calls).toEqual(['first', 'second']);
  });

  it('waits for a channel that is backed up', () => {
    const desk = new Desk();
    const calls: string[] = [];
    desk.channel.isBlocked = true;
    desk.output.send(PING);
    desk.output.whenWritten(() => calls.push('written'));
    desk.endTurn();
    expect([calls, desk.output.isBackedUp]).toEqual([[], true]);
    desk.channel.isBlocked = false;
    desk.output.onDrained();
    expect([calls, desk.output.isBackedUp]).toEqual([['written'], false]);
  });

  it('is forgotten when the channel closes', () => {
    const desk = new Desk();
    const calls: string[] = [];
    desk.output.send(PING);
    desk.output.whenWritten(() => calls.push('written'));
    desk.output.close();
    desk.endTurn();
    desk.output.onDrained();
    expect([calls, desk.channel.writes]).toEqual([[], []]);
  });
});

describe('stop', () => {
  it('writes at once, and drops what is sent later', () => {
    const desk = new Desk();
    const calls: string[] = [];
    desk.output.send(PING);
    desk.output.whenWritten(() => calls.push('written'));
    desk.output.stop();
    desk.output.send({ type: 'pingresp' });
    desk.endTurn();
    expect(desk.channel.writes).toEqual([hex`c0 00`]);
    expect(calls).toEqual(['written']);
  });
});

it('refuses a packet above the limit, and sends nothing of it [MQTT-3.2.2-15]', () => {
  const desk = new Desk();
  desk.output.packetBytesMax = 11;
  desk.output.send(publishPacket({ payload: Buffer.from('x') }));
  desk.output.packetBytesMax = 8;
  expect(() => desk.output.send(publishPacket({ payload: Buffer.from('xx') }))).toThrow(
    expect.objectContaining({
      kind: 'refused',
      reasonCode: 149,
      why: 'it has 10 bytes, the broker takes 8 at most',
    }),
  );
  desk.endTurn();
  expect(desk.channel.writes.map((bytes) => bytes.length)).toEqual([9]);
});

it('refuses what the standard forbids', () => {
  const desk = new Desk();
  expect(() => desk.output.send(publishPacket({ topicName: 'a/#' }))).toThrow('wildcard');
});

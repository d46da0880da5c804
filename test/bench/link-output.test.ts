import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { LinkOutput, TurnOutputs } from '../../src/bench/link-output.ts';
import { MemoryChannel } from '../support/memory-channel.ts';

function world() {
  const turnEnds: (() => void)[] = [];
  const outputs = new TurnOutputs((callback) => turnEnds.push(callback));
  const channels = [new MemoryChannel(), new MemoryChannel()] as const;
  const [first, second] = channels.map((channel) => new LinkOutput(channel, outputs));
  const endTurn = () => {
    for (const callback of turnEnds.splice(0)) callback();
  };
  return { channels, first, second, outputs, endTurn, turnEnds };
}

it('writes the acks of a turn at once, at its end, for all links with one call', () => {
  const { channels, endTurn, first, second, turnEnds } = world();
  first?.putAck(0x40, 1);
  first?.putAck(0x62, 0x1234);
  second?.putAck(0x70, 65_535);
  expect(turnEnds).toHaveLength(1);
  expect(channels[0].writes).toEqual([]);
  endTurn();
  expect(channels.map(({ writes }) => writes.map((bytes) => bytes.toString('hex')))).toEqual([
    ['4002000162021234'],
    ['7002ffff'],
  ]);
  endTurn();
  expect(channels[0].writes).toHaveLength(1);
});

it('keeps the order of acks and other packets, however large', () => {
  const { channels, endTurn, first } = world();
  const large = Buffer.alloc(20_000, 'l');
  first?.putAck(0x40, 1);
  first?.put(Buffer.from('small'));
  first?.put(large);
  for (let id = 0; id < 5000; id += 1) first?.putAck(0x40, id);
  endTurn();
  const sent = Buffer.concat(channels[0].writes);
  expect(sent.length).toBe(4 + 5 + 20_000 + 4 * 5000);
  expect(sent.toString('latin1', 4, 9)).toBe('small');
  expect(sent.subarray(9, 20_009).equals(large)).toBe(true);
  for (let id = 0; id < 5000; id += 1) expect(sent.readUInt16BE(20_011 + id * 4)).toBe(id);
});

it('lends a buffer again when the channel is done with it, and not before', () => {
  const { channels, endTurn, first, outputs } = world();
  first?.putAck(0x40, 1);
  endTurn();
  const lent = outputs.takeBuffer();
  outputs.giveBuffer(lent);
  channels[0].isBlocked = true;
  first?.putAck(0x40, 2);
  endTurn();
  const [, held] = channels[0].writes;
  expect(held?.buffer).toBe(lent.buffer);
  expect(outputs.takeBuffer().buffer).not.toBe(lent.buffer);
});

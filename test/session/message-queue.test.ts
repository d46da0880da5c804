import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Message, messageBytes, messageFrom } from '../../src/session/message.ts';
import { MessageQueue, type Queued, type QueueLimits } from '../../src/session/message-queue.ts';
import { publishPacket } from '../support/packets.ts';

interface Numbered extends Queued {
  readonly message: Message;
}

/** A message whose topic numbers it. */
function numbered(n: number, payloadBytes = 0): Numbered {
  const packet = publishPacket({ payload: Buffer.alloc(payloadBytes) });
  const message = messageFrom(packet, String(n), 'p', 0);
  return { message, qos: n % 2 === 0 ? 0 : 1, bytesOf: () => messageBytes(message) };
}

function queue(over: Partial<QueueLimits> = {}): MessageQueue<Numbered> {
  return new MessageQueue({
    messagesMax: 0,
    bytesMax: Number.POSITIVE_INFINITY,
    whenFull: 'drop-new',
    ...over,
  });
}

function drain(from: MessageQueue<Numbered>): number[] {
  const numbers: number[] = [];
  for (let item = from.shift(); item !== undefined; item = from.shift()) {
    numbers.push(Number(item.message.topicName));
  }
  return numbers;
}

it('gives back what it took, first in, first out [MQTT-4.6.0-5]', () => {
  const waiting = queue();
  for (const n of [1, 2, 3]) waiting.push(numbered(n));
  expect(waiting.length).toBe(3);
  expect(drain(waiting)).toEqual([1, 2, 3]);
  expect(waiting.length).toBe(0);
  expect(waiting.bytes).toBe(0);
});

it('is empty without harm', () => {
  const waiting = queue();
  expect(waiting.shift()).toBeUndefined();
  waiting.push(numbered(1));
  expect(drain(waiting)).toEqual([1]);
});

it('says how many of the next belong together', () => {
  const waiting = queue();
  const several = { ...numbered(1), bytesOf: () => 10 };
  for (const index of [0, 1, 2, 4, 5]) waiting.push(several, index);
  waiting.push(numbered(2));
  expect([waiting.countTogether(9), waiting.countTogether(2)]).toEqual([3, 2]);
  for (let n = 0; n < 3; n += 1) waiting.shift();
  expect([waiting.firstIndex, waiting.countTogether(9)]).toEqual([4, 2]);
  waiting.shift();
  waiting.shift();
  expect([waiting.firstIndex, waiting.countTogether(9)]).toEqual([0, 1]);
  waiting.shift();
  expect(waiting.countTogether(9)).toBe(0);
});

describe('full by count', () => {
  it('keeps the oldest, and counts the new one as dropped', () => {
    const waiting = queue({ messagesMax: 2 });
    expect([1, 2, 3].map((n) => waiting.push(numbered(n)))).toEqual([0, 0, 1]);
    expect(drain(waiting)).toEqual([1, 2]);
  });

  it('keeps the newest, and counts the old one as dropped', () => {
    const waiting = queue({ messagesMax: 2, whenFull: 'drop-old' });
    expect([1, 2, 3].map((n) => waiting.push(numbered(n)))).toEqual([0, 0, 1]);
    expect(drain(waiting)).toEqual([2, 3]);
  });
});

describe('full by bytes', () => {
  const bytesMax = messageBytes(numbered(1, 100).message) * 3;

  it('drops as many old ones as the new one needs', () => {
    const waiting = queue({ bytesMax, whenFull: 'drop-old' });
    for (const n of [1, 2, 3]) waiting.push(numbered(n, 100));
    expect(waiting.push(numbered(4, 200))).toBe(2);
    expect(drain(waiting)).toEqual([3, 4]);
  });

  it('drops nothing for one that is too large even alone', () => {
    const waiting = queue({ bytesMax, whenFull: 'drop-old' });
    waiting.push(numbered(1));
    expect(waiting.push(numbered(2, bytesMax))).toBe(1);
    expect(drain(waiting)).toEqual([1]);
  });
});

const limits: fc.Arbitrary<QueueLimits> = fc.record({
  messagesMax: fc.nat(5),
  bytesMax: fc.integer({ min: 200, max: 3000 }),
  whenFull: fc.constantFrom('drop-old', 'drop-new'),
});

/** The queue as a plain list; each step is done to both, and must come out the same. */
class Model {
  readonly #limits: QueueLimits;
  readonly #queue: MessageQueue<Numbered>;
  #list: Numbered[] = [];

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.#queue = queue(limits);
  }

  push(item: Numbered): void {
    const wanted = [...this.#list, item];
    const isHopeless = !this.#fits([item]);
    if (isHopeless || this.#limits.whenFull === 'drop-new') {
      if (this.#fits(wanted)) this.#list = wanted;
    } else {
      this.#list = wanted;
      while (!this.#fits(this.#list)) this.#list = this.#list.slice(1);
    }
    expect(this.#queue.push(item)).toBe(wanted.length - this.#list.length);
  }

  shift(): void {
    expect(this.#queue.first).toBe(this.#list[0]);
    expect(this.#queue.shift()).toBe(this.#list.shift());
  }

  check(): void {
    expect(this.#queue.length).toBe(this.#list.length);
    expect(this.#queue.bytes).toBe(weight(this.#list));
    expect(this.#queue.qos0Count).toBe(this.#list.filter(({ qos }) => qos === 0).length);
  }

  #fits(list: readonly Numbered[]): boolean {
    const { bytesMax, messagesMax } = this.#limits;
    return weight(list) <= bytesMax && (messagesMax === 0 || list.length <= messagesMax);
  }
}

function weight(list: readonly Numbered[]): number {
  return list.reduce((sum, { message }) => sum + messageBytes(message), 0);
}

it('does as a plain list with the same limits would', () => {
  fc.assert(
    fc.property(limits, fc.array(fc.option(fc.nat(2000))), (within, steps) => {
      const model = new Model(within);
      for (const [index, payloadBytes] of steps.entries()) {
        if (payloadBytes === null) model.shift();
        else model.push(numbered(index, payloadBytes));
        model.check();
      }
    }),
  );
});

it('tells what it keeps, and when it does no more', () => {
  const told: string[] = [];
  const limits = { messagesMax: 2, bytesMax: 10_000, whenFull: 'drop-old' } as const;
  const waiting = new MessageQueue<Numbered>(limits, {
    onKept: ({ message }) => told.push(`+${message.topicName}`),
    onGivenUp: ({ message }) => told.push(`-${message.topicName}`),
  });
  for (const n of [1, 2, 3]) waiting.push(numbered(n));
  waiting.push(numbered(4, 20_000));
  waiting.shift();
  waiting.clear();
  expect(told).toEqual(['+1', '+2', '-1', '+3', '-2', '-3']);
  expect([waiting.length, waiting.bytes]).toEqual([0, 0]);
});

it('takes back what waited before, whatever its bounds, and holds them for what comes', () => {
  const waiting = queue({ messagesMax: 1 });
  for (const n of [1, 2, 4]) waiting.restore(numbered(n));
  expect([waiting.length, waiting.qos0Count]).toEqual([3, 2]);
  expect(waiting.push(numbered(5))).toBe(1);
  expect(drain(waiting)).toEqual([1, 2, 4]);
  expect(waiting.bytes).toBe(0);
});

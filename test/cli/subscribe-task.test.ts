import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { CallerError } from '../../src/base/caller-error.ts';
import { MessageFormat } from '../../src/cli/message-format.ts';
import { type SubscribeOrder, SubscribeTask } from '../../src/cli/subscribe-task.ts';
import { WhereCondition } from '../../src/cli/where-condition.ts';
import type { ProtocolLevel, SubscriptionRequest } from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

/** Standard output that takes nothing until the test says so. */
class SlowPlatform extends RecordedPlatform {
  isBackedUp = false;
  /** How often it was waited for. */
  waitCount = 0;
  readonly #waiting: (() => void)[] = [];

  override print(data: string | Uint8Array, onPrinted?: () => void): boolean {
    super.print(data);
    this.#waiting.push(() => onPrinted?.());
    return !this.isBackedUp;
  }
  override async whenPrinted(): Promise<void> {
    this.waitCount += 1;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
  async takeAll(): Promise<void> {
    for (const callback of this.#waiting.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function request(topicFilter: string, over: Partial<SubscriptionRequest> = {}) {
  const retainHandling = 0 as const;
  const options = { qos: 1, isNoLocal: false, isRetainAsPublished: false, retainHandling } as const;
  return { topicFilter, ...options, ...over };
}

/** A task that has subscribed, on a connection in virtual time. */
class Bench {
  readonly world: ClientWorld;
  readonly platform = new SlowPlatform();
  readonly refusals: CallerError[] = [];
  readonly unshown: string[] = [];
  readonly task: SubscribeTask;

  constructor(over: Partial<SubscribeOrder> = {}, level: ProtocolLevel = 5) {
    this.world = ClientWorld.connected({ level });
    const order: SubscribeOrder = {
      subscriptions: [request('a/#'), request('b')],
      properties: NO_PROPERTIES,
      form: { kind: 'payload', hasNewline: true, isTerminal: false },
      countMax: undefined,
      hidesRetained: false,
      unsubscriptions: [],
      unsubscribeProperties: NO_PROPERTIES,
      durationMs: undefined,
      filtersOut: [],
      condition: undefined,
      share: 1,
      endsAfterSubscribe: false,
      settleMs: undefined,
      removal: 'none',
      ...over,
    };
    this.task = new SubscribeTask(order, this.platform, {
      onRefused: (error) => this.refusals.push(error),
      onUnshown: (what) => this.unshown.push(what),
    });
    this.world.onMessage = (message) => this.task.onMessage(message);
    this.task.start(this.world.connection, { isSessionPresent: false });
  }

  answer(...reasonCodes: number[]): void {
    const properties = NO_PROPERTIES;
    this.world.sent();
    this.world.receive({ type: 'suback', packetId: 1, reasonCodes, properties });
  }

  message(packetId: number, payload = `m${packetId}`): void {
    const bytes = Buffer.from(payload);
    this.world.receive(publishPacket({ qos: 1, packetId, payload: bytes }));
  }
}

it('asks for all filters with one SUBSCRIBE', () => {
  const subscriptions = [request('a', { retainHandling: 2 }), request('b', { qos: 2 })];
  const bench = new Bench({ subscriptions });
  expect(bench.world.sent()).toMatchObject([{ type: 'subscribe', subscriptions }]);
});

it.each([3, 4] as const)('asks level %i for nothing that it cannot say', (level) => {
  const bench = new Bench({ subscriptions: [request('a', { retainHandling: 2 })] }, level);
  expect(bench.world.sent()).toMatchObject([{ subscriptions: [request('a')] }]);
});

describe('a message', () => {
  it('is one write, and acknowledged once that was taken', async () => {
    const bench = new Bench();
    bench.answer(1, 1);
    bench.message(7);
    bench.message(8);
    expect(bench.platform.printed.map(String)).toEqual(['m7\n', 'm8\n']);
    expect(bench.world.acksSent()).toEqual([]);
    await bench.platform.takeAll();
    expect(bench.world.acksSent()).toEqual(['puback 7 0', 'puback 8 0']);
  });

  it('that is empty is acknowledged without a write', () => {
    const bench = new Bench();
    bench.answer(1, 1);
    bench.message(7, '');
    expect(bench.platform.printed).toEqual([]);
    expect(bench.world.acksSent()).toEqual(['puback 7 0']);
  });

  it('that is retained is hidden and acknowledged, if so asked', () => {
    const bench = new Bench({ hidesRetained: true });
    bench.answer(1, 1);
    bench.world.receive(publishPacket({ qos: 1, packetId: 7, isRetained: true }));
    expect(bench.platform.printed).toEqual([]);
    expect(bench.world.acksSent()).toEqual(['puback 7 0']);
  });

  it('stays unacknowledged if it is not shown any more', async () => {
    const bench = new Bench();
    bench.answer(1, 1);
    bench.message(7);
    bench.task.stop();
    bench.message(8);
    await bench.platform.takeAll();
    expect(bench.platform.printed).toHaveLength(1);
    expect(bench.world.acksSent()).toEqual([]);
  });
});

describe('the count', () => {
  it('ends the run after so many, and leaves the others unacknowledged', async () => {
    const bench = new Bench({ countMax: 2 });
    bench.answer(1, 1);
    for (const id of [1, 2, 3]) bench.message(id);
    expect(bench.world.acksSent()).toEqual([]);
    await bench.platform.takeAll();
    expect(bench.world.acksSent()).toEqual(['puback 1 0', 'puback 2 0', 'disconnect']);
    expect(bench.platform.out).toBe('m1\nm2\n');
  });

  it('counts an empty message, which shows nothing', () => {
    const bench = new Bench({ countMax: 1 });
    bench.answer(1, 1);
    bench.message(1, '');
    expect(bench.world.acksSent()).toEqual(['puback 1 0', 'disconnect']);
  });
});

describe('standard output that is backed up', () => {
  it('stops the reading, until it has taken all', async () => {
    const bench = new Bench();
    bench.answer(1, 1);
    bench.platform.isBackedUp = true;
    bench.message(7);
    bench.message(8);
    expect(bench.world.channel.isPaused).toBe(true);
    expect(bench.platform.waitCount).toBe(1);
    await bench.platform.takeAll();
    expect(bench.world.channel.isPaused).toBe(false);
    bench.message(9);
    expect(bench.world.channel.isPaused).toBe(true);
  });
});

describe('SUBACK', () => {
  it('is reported for each filter that is refused; the others go on', () => {
    const bench = new Bench();
    bench.answer(0x87, 1);
    expect(bench.refusals).toMatchObject([
      { message: 'subscription to "a/#" refused: Not authorized (0x87)', reasonCode: 0x87 },
    ]);
    expect(bench.world.connection.isOver).toBe(false);
  });

  it('ends the run if all are refused', () => {
    const bench = new Bench();
    bench.answer(0x87, 0x8f);
    expect(bench.refusals.map(({ reasonCode }) => reasonCode)).toEqual([0x87, 0x8f]);
    expect(bench.world.acksSent()).toEqual(['disconnect']);
  });

  it('is not waited for where the broker has said that it has no such subscriptions', () => {
    const bench = new Bench();
    const world = ClientWorld.connected({}, { properties: { wildcardSubscriptionAvailable: 0 } });
    bench.task.start(world.connection, { isSessionPresent: false });
    expect(world.acksSent()).toEqual(['disconnect']);
    expect(bench.refusals).toMatchObject([{ reasonCode: 162 }]);
  });
});

it('tells how far it has come', async () => {
  const bench = new Bench({ countMax: 5 });
  expect(bench.task.progress()).toBe('SUBACK');
  bench.answer(1, 1);
  bench.message(1);
  expect(bench.task.progress()).toBe('messages: 0 of 5 received');
  await bench.platform.takeAll();
  expect(bench.task.progress()).toBe('messages: 1 of 5 received');
  const endless = new Bench();
  endless.answer(1, 1);
  expect(endless.task.progress()).toBe('messages: 0 received');
});

it('counts the time of a message from its start', () => {
  const bench = new Bench({ form: { kind: 'json', hasNewline: true, isTerminal: false } });
  bench.answer(1, 1);
  bench.platform.advanceTo(1.5);
  bench.message(1);
  expect(JSON.parse(bench.platform.out)).toMatchObject({ mono_us: 1500, payload: 'm1' });
});

describe('what is left out', () => {
  function shown(bench: Bench): string {
    return bench.platform.out;
  }

  it('is not counted, and acknowledged', async () => {
    const bench = new Bench({ filtersOut: [parseTopicFilter('a/+')], countMax: 1 });
    bench.answer(1, 1);
    for (const [index, topicName] of ['a/x', 'b'].entries()) {
      const payload = Buffer.from(topicName);
      bench.world.receive(publishPacket({ qos: 1, packetId: index + 1, topicName, payload }));
    }
    await bench.platform.takeAll();
    expect(shown(bench)).toBe('b\n');
    expect(bench.world.acksSent()).toEqual(['puback 1 0', 'puback 2 0', 'disconnect']);
  });

  it('is one of which a condition does not hold', async () => {
    const condition = new WhereCondition('. > 1');
    const bench = new Bench({ condition, hidesRetained: true, removal: 'delete' });
    bench.answer(1, 1);
    for (const [index, text] of ['1', '2', '3'].entries()) {
      const isRetained = index < 2;
      const payload = Buffer.from(text);
      const topicName = `a/${text}`;
      bench.world.receive(
        publishPacket({ qos: 1, packetId: index + 1, topicName, isRetained, payload }),
      );
    }
    await bench.platform.takeAll();
    expect(shown(bench)).toBe('3\n');
    const removed = bench.world.sent().filter(({ type }) => type === 'publish');
    expect(removed).toMatchObject([{ topicName: 'a/2' }]);
  });

  it('is a share of the messages, by chance', async () => {
    const bench = new Bench({ share: 0.5 });
    bench.answer(1, 1);
    const payload = Buffer.from('x');
    for (let id = 1; id <= 200; id += 1) bench.world.receive(publishPacket({ payload }));
    const count = shown(bench).split('\n').length;
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(150);
  });

  it('is what cannot be shown as it was asked for, which is told', async () => {
    const form = {
      kind: 'format',
      format: new MessageFormat('%J'),
      hasNewline: true,
      isTerminal: false,
    } as const;
    const bench = new Bench({ form, countMax: 1 });
    bench.answer(1, 1);
    bench.message(1, 'x');
    expect(bench.unshown).toEqual(['payload on a/b is not JSON (byte 0)']);
    expect(shown(bench)).toBe('');
    expect(bench.world.acksSent()).toEqual(['puback 1 0', 'disconnect']);
  });
});

describe('it ends', () => {
  it('as soon as the filters are acknowledged, if it is to', () => {
    const bench = new Bench({ endsAfterSubscribe: true });
    bench.answer(1, 1);
    expect(bench.world.acksSent()).toEqual(['disconnect']);
  });

  it('after the time that it was given', () => {
    const bench = new Bench({ durationMs: 5000 });
    bench.answer(1, 1);
    bench.platform.advanceTo(4999);
    expect(bench.world.acksSent()).toEqual([]);
    bench.platform.advanceTo(5000);
    expect(bench.world.acksSent()).toEqual(['disconnect']);
  });

  it('after UNSUBACK where there is nothing to subscribe to', () => {
    const bench = new Bench({ subscriptions: [], unsubscriptions: ['x', 'y'] });
    expect(bench.world.sent()).toMatchObject([
      { type: 'unsubscribe', packetId: 1, topicFilters: ['x', 'y'] },
    ]);
    const properties = NO_PROPERTIES;
    bench.world.receive({ type: 'unsuback', packetId: 1, reasonCodes: [0x11, 0x87], properties });
    expect(bench.refusals).toMatchObject([{ reasonCode: 0x87 }]);
    expect(bench.world.acksSent()).toEqual(['disconnect']);
  });
});

describe('retained messages alone', () => {
  function retained(bench: Bench, topicName: string, payload = 'x'): void {
    const bytes = Buffer.from(payload);
    bench.world.receive(publishPacket({ topicName, isRetained: true, payload: bytes }));
  }

  it('are shown until none has come for a while after the answer to a PINGREQ', async () => {
    const bench = new Bench({ settleMs: 200 });
    bench.answer(1, 1);
    expect(bench.world.acksSent()).toEqual(['pingreq']);
    retained(bench, 'a/1', 'one');
    await bench.platform.takeAll();
    bench.platform.advanceTo(10_000);
    expect(bench.world.acksSent()).toEqual([]);
    bench.world.receive({ type: 'pingresp' });
    bench.platform.advanceTo(10_150);
    retained(bench, 'a/2', 'two');
    await bench.platform.takeAll();
    bench.platform.advanceTo(10_349);
    expect(bench.world.acksSent()).toEqual([]);
    bench.platform.advanceTo(10_350);
    expect(bench.world.acksSent()).toEqual(['disconnect']);
    expect(bench.platform.out).toBe('one\ntwo\n');
  });

  it('are all there at the first live message, which is not shown', async () => {
    const bench = new Bench({ settleMs: 200 });
    bench.answer(1, 1);
    bench.message(1);
    expect(bench.platform.out).toBe('');
    expect(bench.world.acksSent()).toEqual(['pingreq', 'disconnect']);
  });

  it('are deleted after they were shown, and that is waited for', async () => {
    const bench = new Bench({ settleMs: 200, removal: 'delete' });
    bench.answer(1, 1);
    bench.world.sent();
    retained(bench, 'a/1');
    bench.world.receive({ type: 'pingresp' });
    expect(bench.world.sent()).toEqual([]);
    await bench.platform.takeAll();
    expect(bench.world.sent()).toMatchObject([
      { type: 'publish', topicName: 'a/1', qos: 1, isRetained: true, payload: Buffer.alloc(0) },
    ]);
    bench.platform.advanceTo(1000);
    expect(bench.world.sent()).toEqual([]);
    bench.world.receive(ackPacket('puback', 2));
    expect(bench.world.acksSent()).toEqual(['disconnect']);
  });

  it('are named and not deleted in a dry run', async () => {
    const bench = new Bench({ settleMs: 200, removal: 'name' });
    bench.answer(1, 1);
    bench.world.sent();
    retained(bench, 'a/1');
    await bench.platform.takeAll();
    expect(bench.platform.out).toBe('a/1\n');
    expect(bench.world.sent()).toEqual([]);
  });

  it('can be deleted unseen', () => {
    const bench = new Bench({ hidesRetained: true, removal: 'delete' });
    bench.answer(1, 1);
    retained(bench, 'a/1');
    expect(bench.platform.out).toBe('');
    expect(bench.world.acksSent()).toEqual(['publish 2']);
  });
});

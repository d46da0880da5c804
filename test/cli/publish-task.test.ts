import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { type PublishPace, PublishTask } from '../../src/cli/publish-task.ts';
import { ClientSession } from '../../src/client/client-session.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ClientWorld } from '../support/client-world.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

interface Target {
  readonly topicName: string;
  readonly qos: 0 | 1 | 2;
}
const QOS_1: readonly Target[] = [{ topicName: 'a', qos: 1 }];
const PACE: PublishPace = {
  inFlightMax: 20,
  batchDelayMs: 0,
  perSecond: Number.POSITIVE_INFINITY,
  stopsOnRefusal: false,
};

async function* compose(source: AsyncIterable<readonly Buffer[]>, targets: readonly Target[]) {
  for await (const batch of source) {
    yield batch.flatMap((payload) =>
      targets.map((target) => ({
        ...target,
        payload,
        isRetained: false,
        properties: NO_PROPERTIES,
      })),
    );
  }
}

/** A source that gives its next batch when it is asked for, and counts how often that was. */
class Source {
  askedCount = 0;
  readonly #batches: (readonly string[])[];

  constructor(...batches: (readonly string[])[]) {
    this.#batches = batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Buffer[]> {
    for (const batch of this.#batches) {
      this.askedCount += 1;
      yield batch.map((text) => Buffer.from(text));
    }
  }
}

/** A task on a connection in virtual time. */
class Bench {
  readonly world: ClientWorld;
  readonly platform = new RecordedPlatform();
  readonly refusals: CallerError[] = [];
  readonly faults: unknown[] = [];
  readonly task: PublishTask;

  constructor(
    source: AsyncIterable<readonly Buffer[]>,
    targets = QOS_1,
    properties: Parameters<typeof ClientWorld.connected>[1] = {},
  ) {
    this.world = ClientWorld.connected({}, properties);
    this.task = new PublishTask(
      compose(source, targets),
      PACE,
      {
        onRefused: (error) => this.refusals.push(error),
        onFault: (error) => this.faults.push(error),
      },
      this.platform,
    );
    this.world.onDrained = () => this.task.onDrained();
    this.world.onMessage = (message) => this.task.onMessage(message);
    this.task.start(this.world.connection);
  }

  /** Lets promises that are due come true. */
  async settle(): Promise<string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.world.acksSent();
  }

  ackAll(sent: readonly string[]): void {
    const ids = sent.map((line) => Number(line.split(' ')[1]));
    for (const id of ids) this.world.receive(ackPacket('puback', id));
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => String(n));
}

it('sends each message to each target, in order, and says goodbye after the last ack', async () => {
  const targets = [
    { topicName: 'a', qos: 1 },
    { topicName: 'b', qos: 0 },
  ] as const;
  const bench = new Bench(new Source(['x'], ['y']), targets);
  await new Promise((resolve) => setImmediate(resolve));
  const sent = bench.world.sent().map((packet) => {
    return packet.type === 'publish' ? `${packet.topicName} ${packet.payload}` : packet.type;
  });
  expect(sent).toEqual(['a x', 'b x', 'a y', 'b y']);
  bench.world.receive(ackPacket('puback', 1));
  expect(await bench.settle()).toEqual([]);
  bench.world.receive(ackPacket('puback', 2));
  expect(await bench.settle()).toEqual(['disconnect']);
  expect(bench.task.tally).toMatchObject({
    sentCount: 4,
    doneCount: 4,
    hasQos0: true,
    hasWorkLeft: false,
  });
});

describe('a slow broker', () => {
  it('has 20 messages in flight at most, and no more are read meanwhile', async () => {
    const source = new Source(numbers(15), numbers(15), numbers(15));
    const bench = new Bench(source);
    const first = await bench.settle();
    expect(first).toHaveLength(20);
    expect(source.askedCount).toBe(2);
    bench.ackAll(first.slice(0, 3));
    expect(await bench.settle()).toHaveLength(3);
  });

  it('is sent no more than it announced', async () => {
    const bench = new Bench(new Source(numbers(9)), QOS_1, { properties: { receiveMaximum: 2 } });
    const first = await bench.settle();
    expect(first).toEqual(['publish 1', 'publish 2']);
    bench.ackAll(first);
    expect(await bench.settle()).toEqual(['publish 3', 'publish 4']);
  });

  it('that does not read is waited for', async () => {
    const source = new Source(numbers(3), numbers(3), numbers(3));
    const bench = new Bench(source, [{ topicName: 'a', qos: 0 }]);
    bench.world.channel.isBlocked = true;
    bench.world.publish();
    bench.world.sent();
    expect(await bench.settle()).toEqual([]);
    expect(source.askedCount).toBe(1);
    bench.world.channel.drain();
    const sent = await bench.settle();
    expect(sent.filter((line) => line.startsWith('publish'))).toHaveLength(9);
    expect(sent.at(-1)).toBe('disconnect');
  });
});

describe('a refused message', () => {
  it('is reported, and the others go on', async () => {
    const bench = new Bench(new Source(['x', 'y']));
    await bench.settle();
    bench.world.receive(ackPacket('puback', 1, 0x87), ackPacket('puback', 2));
    expect(bench.refusals).toMatchObject([
      { message: 'publish to "a" refused: Not authorized (0x87)', reasonCode: 0x87 },
    ]);
    expect(await bench.settle()).toEqual(['disconnect']);
  });

  it('may be one that the broker has said not to take: it is not sent', async () => {
    const targets = [
      { topicName: 'a', qos: 2 },
      { topicName: 'b', qos: 0 },
    ] as const;
    const bench = new Bench(new Source(['x']), targets, { properties: { maximumQos: 1 } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.world.sent()).toMatchObject([{ topicName: 'b' }, { type: 'disconnect' }]);
    expect(bench.refusals).toMatchObject([{ reasonCode: 155 }]);
    expect(bench.task.tally).toMatchObject({ sentCount: 2, doneCount: 2 });
  });

  it('is not one that no subscriber wanted', async () => {
    const bench = new Bench(new Source(['x']));
    await bench.settle();
    bench.world.receive(ackPacket('puback', 1, 0x10));
    expect(bench.refusals).toEqual([]);
  });
});

it('tells of a source that fails, and says goodbye', async () => {
  const fault = new CallerError('file', 'cannot read');
  async function* failing(): AsyncGenerator<readonly Buffer[]> {
    yield [Buffer.from('x')];
    throw fault;
  }
  const bench = new Bench(failing());
  expect(await bench.settle()).toEqual(['publish 1', 'disconnect']);
  expect(bench.faults).toEqual([fault]);
});

it('sends nothing more after it is stopped', async () => {
  const bench = new Bench(new Source(numbers(30)));
  const first = await bench.settle();
  bench.task.stop();
  bench.ackAll(first);
  expect(await bench.settle()).toEqual([]);
  expect(bench.task.tally).toMatchObject({ sentCount: 20, doneCount: 20 });
});

it('acknowledges a message that comes to it', () => {
  const bench = new Bench(new Source([]));
  bench.world.receive(publishPacket({ qos: 1, packetId: 7 }));
  expect(bench.world.acksSent()).toContain('puback 7 0');
});

describe('its progress', () => {
  it.each([
    [1, 'PUBACK: 1 of 3 acknowledged'],
    [2, 'PUBCOMP: 1 of 3 acknowledged'],
  ] as const)('counts acks at QoS %i', async (qos, text) => {
    const bench = new Bench(new Source(numbers(3)), [{ topicName: 'a', qos }]);
    await bench.settle();
    if (qos === 1) bench.world.receive(ackPacket('puback', 1));
    else bench.world.receive(ackPacket('pubrec', 1), ackPacket('pubcomp', 1));
    expect(bench.task.progress()).toBe(text);
  });

  it('counts what is written at QoS 0, and waits for the broker after that', async () => {
    const bench = new Bench(new Source(['x'], ['y']), [{ topicName: 'a', qos: 0 }]);
    bench.world.channel.isBlocked = true;
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.task.progress()).toBe('the broker: 0 of 2 written');
    bench.world.sent();
    bench.world.channel.drain();
    expect(bench.task.progress()).toBe('the broker');
  });
});

describe('over a lost connection', () => {
  /** A task whose first connection is lost after `before`, and its second one. */
  async function twice(qos: 0 | 1, hasSession: boolean) {
    const session = new ClientSession(9);
    const over = { isCleanStart: false } as const;
    const first = ClientWorld.connected(over, {}, session);
    const outcomes: string[] = [];
    const watcher = { onRefused: () => {}, onFault: (error: unknown) => outcomes.push(`${error}`) };
    const source = compose(new Source(['1', '2'], ['3']), [{ topicName: 'a', qos }]);
    const pace = { ...PACE, inFlightMax: 2 };
    const task = new PublishTask(source, pace, watcher, new RecordedPlatform());
    first.channel.isBlocked = qos === 0;
    task.start(first.connection);
    await new Promise((resolve) => setImmediate(resolve));
    first.sent();
    first.channel.close();
    task.onLost();
    const second = ClientWorld.connected(over, { isSessionPresent: hasSession }, session);
    task.start(second.connection);
    await new Promise((resolve) => setImmediate(resolve));
    const sent = second.sent().flatMap((packet) => {
      if (packet.type !== 'publish') return [packet.type];
      return [`${packet.payload} ${packet.packetId} ${packet.isDuplicate ? 'again' : 'new'}`];
    });
    return { outcomes, second, sent, task };
  }

  it('what the broker has forgotten is sent as new, before anything else', async () => {
    const { second, sent, task } = await twice(1, false);
    expect(sent).toEqual(['1 3 new', '2 4 new']);
    second.receive(ackPacket('puback', 3), ackPacket('puback', 4));
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.acksSent()).toEqual(['publish 5']);
    expect(task.tally).toMatchObject({ sentCount: 3, doneCount: 2, lostCount: 0 });
    second.receive(ackPacket('puback', 5));
    expect(task.isDone).toBe(true);
  });

  it('what the broker remembers is repeated under its ids', async () => {
    const { second, sent, task } = await twice(1, true);
    expect(sent).toEqual(['1 1 again', '2 2 again']);
    second.receive(ackPacket('puback', 1), ackPacket('puback', 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.acksSent()).toEqual(['publish 3']);
    expect(task.tally).toMatchObject({ sentCount: 3, doneCount: 2 });
  });

  it('what has QoS 0 and had not left is counted as lost', async () => {
    const { sent, task } = await twice(0, false);
    expect(sent).toEqual(['disconnect']);
    expect(task.tally).toMatchObject({ sentCount: 3, doneCount: 0, lostCount: 3 });
  });
});

describe('the pace', () => {
  async function paced(pace: Partial<PublishPace>, batches: (readonly string[])[]) {
    const world = ClientWorld.connected();
    const platform = new RecordedPlatform();
    const watcher = { onRefused: () => {}, onFault: () => {} };
    const source = compose(new Source(...batches), QOS_1);
    const task = new PublishTask(source, { ...PACE, ...pace }, watcher, platform);
    task.start(world.connection);
    const sentAt = async (nowMs: number) => {
      platform.advanceTo(nowMs);
      for (let turn = 0; turn < 5; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return world.sent().length;
    };
    return { sentAt, world };
  }

  it('spaces messages evenly by a schedule, whatever the acks take', async () => {
    const { sentAt } = await paced({ perSecond: 10 }, [['1', '2', '3', '4']]);
    expect(await sentAt(0)).toBe(1);
    expect(await sentAt(99)).toBe(0);
    expect(await sentAt(100)).toBe(1);
    expect(await sentAt(350)).toBe(2);
  });

  it('waits after the delivery of each batch', async () => {
    const { sentAt, world } = await paced({ batchDelayMs: 50 }, [['1'], ['2']]);
    expect(await sentAt(0)).toBe(1);
    expect(await sentAt(100)).toBe(0);
    world.receive(ackPacket('puback', 1));
    expect(await sentAt(149)).toBe(0);
    expect(await sentAt(150)).toBe(1);
  });
});

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { HeldBackend } from '../support/held-backend.ts';
import { publishPacket } from '../support/packets.ts';
import { SimClient, type SimClientOptions } from '../support/sim-client.ts';

const SEEDS = 100;
const MESSAGES = 60;
const STEPS_MAX = 40_000;
const QUOTA_MAX = 10;
const CONFIG = {
  receiveMaximum: QUOTA_MAX,
  inflightMax: 5,
  sessionExpirySecondsMax: 3_600,
  writeBufferBytes: 1_024,
};
const LEVELS = [3, 4, 5] as const;
/** How the log calls the ends of connections. */
const ENDS = new Set(['connection_lost', 'disconnect', 'write_timeout']);

/** Publishers and subscribers of all versions, and a broker, on links that cut. */
class Simulation {
  readonly world: BrokerWorld;
  readonly publishers: SimClient[] = [];
  readonly subscribers: SimClient[] = [];
  /** Who subscribes to the wills, and what it must get: one for each connection that was lost. */
  readonly watcher: SimClient;
  readonly #random: Random;
  #backend: HeldBackend | undefined = undefined;
  #peers = 0;
  #isCalm = true;
  #isOver = false;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.world = new BrokerWorld(CONFIG, (host) => {
      this.#backend = new HeldBackend(host);
      return this.#backend;
    });
    if (seed % 3 === 0) this.#free();
    for (const level of LEVELS) {
      this.publishers.push(this.#client({ clientId: `p${level}`, level, hasWill: true }));
      const over = { clientId: `s${level}`, level, filter: 't/#', hasWill: true };
      this.subscribers.push(this.#client(over));
    }
    this.watcher = this.#client({ clientId: 'watcher', level: 5, filter: 'will' });
  }

  get clients(): SimClient[] {
    return [...this.publishers, ...this.subscribers, this.watcher];
  }

  /** All subscribe, all publish over bad links; what is under way then arrives over good ones. */
  run(): void {
    for (const client of this.clients) client.connect();
    this.#until('all have subscribed', () => this.clients.every((client) => client.isSubscribed));
    this.#isCalm = false;
    for (const publisher of this.publishers) this.#giveMessages(publisher);
    this.#until('all is published', () =>
      this.publishers.every(({ waiting }) => waiting.length === 0),
    );
    this.#isCalm = true;
    this.#until('all is acked', () => this.publishers.every(({ window }) => window.size === 0));
    this.#until('all has arrived', () => this.#isIdle());
  }

  /** Everybody leaves, and their sessions expire. */
  end(): void {
    this.#until('all are here', () => this.clients.every(({ isReady }) => isReady));
    this.#isOver = true;
    for (const client of [...this.publishers, ...this.subscribers]) client.leave();
    this.#until('the wills have arrived', () => this.#isIdle());
    this.watcher.leave();
    this.#until('all have gone', () => this.world.broker.connectionCount === 0);
    this.world.advance(7_200);
    this.#free();
    this.world.settle();
  }

  #client(
    over: Pick<SimClientOptions, 'clientId' | 'level'> & Partial<SimClientOptions>,
  ): SimClient {
    const around = {
      broker: this.world.broker,
      random: this.#random,
      quotaMax: QUOTA_MAX,
      nextPeer: (): string => {
        this.#peers += 1;
        return `peer ${this.#peers}`;
      },
    };
    const receiveMaximum = over.level === 5 ? 1 + this.#random.below(5) : 5;
    return new SimClient(around, { filter: undefined, hasWill: false, receiveMaximum, ...over });
  }

  #giveMessages(publisher: SimClient): void {
    const { clientId } = publisher.options;
    for (let n = 0; n < MESSAGES; n += 1) {
      const qos = (n % 3) as 0 | 1 | 2;
      const payload = Buffer.from(`${clientId} ${qos} ${n} ${'x'.repeat(this.#random.below(400))}`);
      const topicName = `t/${clientId}/${qos}`;
      publisher.waiting.push(publishPacket({ qos, topicName, payload, isRetained: qos === 2 }));
    }
  }

  #until(what: string, isDone: () => boolean): void {
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (isDone()) return;
      this.#step();
    }
    throw new Error(`it takes too long until ${what}`);
  }

  #step(): void {
    const random = this.#random;
    const client = this.clients[random.below(this.clients.length)];
    if (client === undefined) return;
    if (!this.#isCalm && random.chance(3)) this.#disturb(client);
    else if (client.isGone && !this.#isOver && random.chance(20)) client.connect();
    else client.publish();
    const { links } = client;
    const link = links[random.below(links.length)];
    if (link?.step() === false && link.isClosed) links.splice(links.indexOf(link), 1);
    if (random.chance(50)) this.#settleTask();
    this.world.settle();
    if (random.chance(5)) this.world.advance(0.1);
  }

  #disturb(client: SimClient): void {
    const deed = this.#random.below(3);
    if (deed === 0) client.cut();
    else if (deed === 1) client.connect();
    else client.leave();
  }

  #settleTask(): void {
    const ready = this.#backend?.tasks.filter((task) => this.#backend?.isReady(task)) ?? [];
    const task = ready[this.#random.below(Math.max(1, ready.length))];
    if (task !== undefined) this.#backend?.settle(task);
  }

  /** From now on the backend does all at once. */
  #free(): void {
    for (const what of ['claim', 'saveMeta', 'mark', 'release', 'deliver', 'safe'] as const) {
      this.#backend?.free.add(what);
    }
    this.#backend?.drain();
  }

  #isIdle(): boolean {
    const waiting = [...this.world.core.sessions.values()].some(
      (session) => session.waitingCount > 0,
    );
    return !waiting && this.#backend?.tasks.length === 0;
  }
}

/** The numbers of the messages with this QoS from one publisher, as they were taken. */
function numbers(subscriber: SimClient, publisher: SimClient, qos: 0 | 1 | 2): number[] {
  const start = `${publisher.options.clientId} ${qos} `;
  const mine = subscriber.taken.filter((text) => text.startsWith(start));
  return mine.map((text) => Number(text.split(' ')[2]));
}

function checkMessages({ publishers, subscribers }: Simulation): void {
  const sent = Array.from({ length: MESSAGES }, (_, n) => n);
  for (const subscriber of subscribers) {
    for (const publisher of publishers) {
      const [zero, one, two] = ([0, 1, 2] as const).map((qos) =>
        numbers(subscriber, publisher, qos),
      );
      expect(two).toEqual(sent.filter((n) => n % 3 === 2));
      expect([...new Set(one)]).toEqual(sent.filter((n) => n % 3 === 1));
      expect(zero).toEqual([...new Set(zero)].sort((a, b) => a - b));
    }
  }
}

function checkRetained({ publishers, world }: Simulation): void {
  const client = world.connect({ clientId: 'late' });
  client.send(subscribePacket([{ topicFilter: 't/#' }]));
  world.settle();
  const last = publishers.map(({ options }) => `${options.clientId} 2 ${MESSAGES - 1}`);
  const got = client.payloads.map((text) => text.split(' ').slice(0, 3).join(' '));
  expect(got.sort()).toEqual(last.sort());
  const clearing = client.messages.map(({ topicName }) =>
    publishPacket({ topicName, isRetained: true }),
  );
  client.send(...clearing);
  client.drop();
}

/** One will for each connection of a client with a will that did not end with a goodbye. */
function checkWills({ watcher, world }: Simulation): void {
  const connected = new Set(
    world.events.filter(({ event }) => event === 'connect').map(({ fields: { addr } }) => addr),
  );
  const lost = world.events.filter(({ fields: { addr, by, client } }) => {
    return client !== 'watcher' && client !== 'late' && by !== 'client' && connected.has(addr);
  });
  const ends = lost.filter(({ event }) => ENDS.has(event));
  expect(watcher.taken.toSorted()).toEqual(ends.map(({ fields: { addr } }) => String(addr)).sort());
}

function checkEmpty({ world }: Simulation): void {
  const { connections, deadlines, memory, router, sessions } = world.core;
  expect({
    connections: connections.size,
    deadlines: deadlines.size,
    sessions: sessions.size,
    subscriptions: router.subscriptionCount,
    retained: router.retainedBytes,
    nodes: router.nodeCount,
    memory: memory.bytes,
  }).toEqual({
    connections: 0,
    deadlines: 0,
    sessions: 0,
    subscriptions: 0,
    retained: 0,
    nodes: 0,
    memory: new BrokerWorld(CONFIG).core.memory.bytes,
  });
  expect(world.log).not.toContain('internal_error');
}

it('loses and doubles nothing over links that cut, and leaves nothing behind', () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    try {
      const simulation = new Simulation(seed);
      simulation.run();
      checkMessages(simulation);
      simulation.end();
      checkWills(simulation);
      checkRetained(simulation);
      checkEmpty(simulation);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}, 60_000);

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import type { SubscriptionRequest } from '../../src/codec/packet.ts';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';
import { changeHabit, publishFrame } from '../support/publish-frames.ts';
import { type TwinClient, TwinWorlds } from '../support/twin-worlds.ts';

const SEEDS = 200;
const STEPS = 50;
const CLIENTS_MAX = 6;
const FILTERS = ['a', 'a/b', 'a/+', 'a/#', '#', '+/b', 'ä/+', '$x/#', '$share/g/a/#', '$share/h/#'];
const BIG = Buffer.alloc(100);
const HANDLINGS = [1, 2] as const;
/** Of retained messages; an empty one clears its topic. */
const RETAINED_BYTES = [0, 5, 5, 40, 40, 100, 300];
/** Limits that some runs meet all the time, each beside the defaults. */
const CONFIGS: readonly Partial<BrokerConfig>[] = [
  {},
  { receiveMaximum: 5, inflightMax: 3, queueMessagesMax: 6 },
  { writeBufferBytes: 1_024, slowGraceMs: 200 },
  { writeBufferBytes: 1_024, queueBytesMax: 2_000, whenQueueFull: 'drop-new' },
  { payloadBytesMax: 100, packetBytesMax: 300, topicSlashesMax: 3, topicBytesMax: 20 },
  { packetBytesMax: 100, receiveMaximum: 3 },
  { maximumQos: 1, retainAvailable: 0, queuesQos0: true, inflightMax: 2 },
  { inflightMax: 65_535, topicAliasMaximum: 1, topicAliasesOutMax: 0 },
  { publishesPerSecond: 50, rateAction: 'disconnect' },
];

/** Clients of all versions that do what comes to mind, well and badly. */
class Scenario {
  readonly worlds: TwinWorlds;
  readonly #random: Random;
  #connections = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.worlds = new TwinWorlds(CONFIGS[seed % CONFIGS.length] ?? {});
  }

  step(): void {
    const { clients } = this.worlds;
    const random = this.#random;
    const here = clients.filter((client) => !client.isGone);
    const client = here[random.below(Math.max(1, here.length))];
    const deed = random.below(100);
    if (client === undefined || (deed < 8 && here.length < CLIENTS_MAX)) this.#connect();
    else if (deed < 20) this.#subscribe(client);
    else if (deed < 24) this.#unsubscribe(client);
    else if (deed < 60) this.#publish(client);
    else if (deed < 64) this.#retain(client);
    else if (deed < 80) this.#acknowledge(client);
    else if (deed < 89) this.#freeze(client);
    else if (deed < 91) this.worlds.both((one) => one.drop(), client);
    else if (deed < 92) this.worlds.send(client, disconnect(client));
    else this.worlds.advance(random.below(4) / 10);
    this.worlds.compare();
  }

  #connect(): void {
    const random = this.#random;
    const level = ([4, 5, 5, 3] as const)[random.below(4)] ?? 5;
    this.#connections += 1;
    const properties = {
      ...(random.chance(60) ? { sessionExpiryInterval: 100 } : {}),
      ...(random.chance(20) ? { receiveMaximum: 1 + random.below(4) } : {}),
      ...(random.chance(15) ? { topicAliasMaximum: 2 } : {}),
      ...(random.chance(15) ? { maximumPacketSize: 30 + random.below(60) } : {}),
    };
    this.worlds.connect({
      level,
      clientId: `c${random.below(CLIENTS_MAX)}`,
      isCleanStart: random.chance(40),
      keepAliveSeconds: random.chance(20) ? 1 : 0,
      ...(level === 5 ? { properties } : {}),
    });
  }

  #subscribe(client: TwinClient): void {
    const random = this.#random;
    const topicFilter = FILTERS[random.below(FILTERS.length)] ?? 'a';
    const isNoLocal = client.level === 5 && topicFilter[0] !== '$' && random.chance(15);
    const request: SubscriptionRequest = {
      topicFilter,
      qos: random.below(3) as 0 | 1 | 2,
      isNoLocal,
      isRetainAsPublished: client.level === 5 && random.chance(30),
      retainHandling:
        client.level === 5 && random.chance(30) ? (HANDLINGS[random.below(2)] ?? 1) : 0,
    };
    const hasIdentifier = client.level === 5 && random.chance(25);
    const properties = hasIdentifier ? { subscriptionIdentifier: [1 + random.below(300)] } : {};
    const packetId = 60_000 + random.below(10);
    this.worlds.send(client, subscribePacket([request], { packetId, properties }));
  }

  #unsubscribe(client: TwinClient): void {
    const topicFilter = FILTERS[this.#random.below(FILTERS.length)] ?? 'a';
    const packetId = 60_000;
    const topicFilters = [topicFilter];
    this.worlds.send(client, { type: 'unsubscribe', packetId, properties: {}, topicFilters });
  }

  #publish(client: TwinClient): void {
    const random = this.#random;
    const frames: Buffer[] = [];
    const habit = changeHabit(random, {});
    for (let count = 1 + random.below(25); count > 0; count -= 1) {
      if (random.chance(4)) frames.push(client.hot.encode({ type: 'pingreq' }));
      else if (random.chance(10)) frames.push(this.#pubrel(client));
      else frames.push(publishFrame(random, client.level, habit));
    }
    this.#send(client, Buffer.concat(frames));
  }

  /** Messages for those who subscribe later, most of them as plain as can be. */
  #retain(client: TwinClient): void {
    const random = this.#random;
    const packets = Array.from({ length: 1 + random.below(8) }, () => {
      const qos = random.below(3) as 0 | 1 | 2;
      const isExpiring = client.level === 5 && random.chance(15);
      return publishPacket({
        qos,
        packetId: qos === 0 ? undefined : 100 + random.below(30),
        isRetained: true,
        topicName: `a/retained/${random.below(20)}`,
        payload: Buffer.alloc(RETAINED_BYTES[random.below(RETAINED_BYTES.length)] ?? 0, 0x61),
        properties: isExpiring ? { messageExpiryInterval: random.below(2) } : {},
      });
    });
    this.worlds.send(client, ...packets);
  }

  #pubrel(client: TwinClient): Buffer {
    return client.hot.encode(ackPacket('pubrel', 1 + this.#random.below(40)));
  }

  /** Answers what has come, in order, with something missing, wrong or too much at times. */
  #acknowledge(client: TwinClient): void {
    const random = this.#random;
    const acks: Buffer[] = [];
    const { received } = client.hot;
    const end = random.chance(20) ? client.answered + random.below(4) : received.length;
    for (const packet of received.slice(client.answered, end)) {
      const ack = answerTo(packet, random);
      if (ack !== undefined) acks.push(client.hot.encode(ack));
      if (ack !== undefined && random.chance(2)) acks.push(client.hot.encode(ack));
    }
    client.answered = Math.max(client.answered, Math.min(end, received.length));
    if (random.chance(2)) acks.push(Buffer.from([0x40, 0x02, 0x00, random.below(3)]));
    if (random.chance(2)) acks.push(Buffer.from([0x40, 0x03, 0x00, 0x01, 0x10]));
    if (random.chance(50)) acks.push(this.#pubrel(client), this.#pubrel(client));
    this.#send(client, Buffer.concat(acks));
  }

  #send(client: TwinClient, bytes: Buffer): void {
    const random = this.#random;
    const cuts = Array.from({ length: random.below(5) }, () => random.below(bytes.length + 1));
    this.worlds.sendBytes(
      client,
      bytes,
      cuts.sort((a, b) => a - b),
    );
  }

  #freeze(client: TwinClient): void {
    const isSome = this.#random.chance(30);
    this.worlds.both((one) => {
      if (!one.channel.isFrozen) one.channel.isFrozen = true;
      else if (isSome) one.channel.takeOne();
      else one.thaw();
    }, client);
  }
}

function disconnect(client: TwinClient): Parameters<TwinWorlds['send']>[1] {
  const properties = client.level === 5 ? { sessionExpiryInterval: 0 } : {};
  return { type: 'disconnect', reasonCode: 0, properties };
}

function answerTo(
  packet: TwinClient['hot']['received'][number],
  random: Random,
): ReturnType<typeof ackPacket> | undefined {
  if (packet.type === 'pubrel') return ackPacket('pubcomp', packet.packetId);
  if (packet.type !== 'publish' || packet.packetId === undefined) return undefined;
  if (random.chance(1)) return ackPacket('pubcomp', packet.packetId);
  return ackPacket(packet.qos === 1 ? 'puback' : 'pubrec', packet.packetId);
}

describe('the hot path', () => {
  /** A run at each QoS, PUBRELs, and then a frame that is not for it. */
  function plainBytes(client: TestClient): Buffer {
    const packets = ([0, 1, 2] as const).flatMap((qos) =>
      [1, 2, 3].map((n) => publishPacket({ qos, packetId: qos === 0 ? undefined : n })),
    );
    return Buffer.concat([...packets, ackPacket('pubrel', 2)].map((one) => client.encode(one)));
  }

  it.each([3, 4, 5] as const)('takes what is plain, with level %s', (level) => {
    const world = new BrokerWorld();
    const client = world.connect({ level, clientId: 'p' });
    world.subscriber('a/b', 2);
    const connection = world.core.sessions.find('p')?.connection;
    if (connection === undefined) throw new Error('it is connected');
    const plain = plainBytes(client);
    const bytes = Buffer.concat([plain, client.encode({ type: 'pingreq' }), plain]);
    expect(world.core.hotPath?.take(connection, bytes, 0, bytes.length)).toBe(plain.length);
  });

  it('takes nothing where each message is to be logged, or stored', () => {
    expect(new BrokerWorld().core.hotPath).toBeDefined();
    expect(heldWorld().world.core.hotPath).toBeUndefined();
    expect(new BrokerWorld({}, undefined, undefined, 'off').core.hotPath).toBeUndefined();
  });

  it('ends one connection for an error of its own, and answers nothing then', () => {
    const world = new BrokerWorld();
    const [client, other] = ['p', 'other'].map((clientId) => world.connect({ clientId }));
    world.core.router.findTopic = () => {
      throw new Error('a bug');
    };
    client?.send(publishPacket({ qos: 1, packetId: 1 }));
    expect(client?.last).toMatchObject({ type: 'disconnect', reasonCode: 0x83 });
    expect([other?.isClosed, world.log.includes('internal_error')]).toEqual([false, true]);
  });

  it('holds up who publishes to a client that does not keep up', () => {
    const world = new BrokerWorld({ writeBufferBytes: 1_024 });
    const slow = world.subscriber('a/b');
    slow.channel.isFrozen = true;
    const publisher = world.connect({ clientId: 'p' });
    publisher.send(...Array.from({ length: 20 }, () => publishPacket({ payload: BIG })));
    expect(publisher.channel.isPaused).toBe(true);
    slow.thaw();
    expect([publisher.channel.isPaused, slow.messages.length]).toEqual([false, 20]);
  });
});

it('does what the codec path does, whatever comes, and however it is cut', () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const scenario = new Scenario(seed);
    for (let step = 0; step < STEPS; step += 1) {
      try {
        scenario.step();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}`, { cause: error });
      }
    }
    expect(scenario.worlds.hot.log).not.toContain('internal_error');
  }
}, 60_000);

it('sends large messages on from where they have come in pieces, each of them unaltered', () => {
  const worlds = new TwinWorlds({});
  for (const [index, qos] of ([0, 0, 1, 2] as const).entries()) {
    const subscriber = worlds.connect({ clientId: `s${index}`, level: index % 2 === 0 ? 4 : 5 });
    worlds.send(subscriber, subscribePacket([{ topicFilter: 'large', qos }]));
  }
  const publisher = worlds.connect({ clientId: 'p', level: 5 });
  for (let round = 0; round < 40; round += 1) {
    const qos = (round % 3) as 0 | 1 | 2;
    const payload = Buffer.alloc(65_536 + round, round);
    const packetId = qos === 0 ? undefined : round + 1;
    const packet = publishPacket({ topicName: 'large', qos, packetId, payload });
    const bytes = publisher.hot.encode(packet);
    worlds.sendBytes(publisher, bytes, round % 2 === 0 ? [40_000] : [17_000, 40_000, -1, 60_000]);
    worlds.compare();
  }
  const [first] = worlds.clients;
  expect(first?.hot.messages.map(({ payload }) => payload[65_535])).toEqual(
    Array.from({ length: 40 }, (_, round) => round),
  );
  expect(worlds.hot.core.outputMemory.pool.freeBytes).toBeGreaterThan(0);
});

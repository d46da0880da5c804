import { Buffer } from 'node:buffer';
import type { Random } from '../../src/base/random.ts';
import { type BrokerConfig, brokerConfig } from '../../src/broker/broker-config.ts';
import type {
  ConnectPacket,
  DisconnectPacket,
  ProtocolLevel,
  PublishPacket,
  QoS,
  RetainHandling,
  SubscribePacket,
  SubscriptionRequest,
  Will,
} from '../../src/codec/packet.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';
import { connectPacket, publishPacket } from '../support/packets.ts';

const NEVER = 0xffff_ffff;
/** What clients take that do not take packets of any size. */
const PACKET_SIZES = [80, 150, 200] as const;
/** A session whose name nobody knows has to end by itself. */
const NAMELESS_SECONDS_MAX = 600;
const LEVELS = [3, 4, 5, 5, 5] as const;
const TOPICS = ['a', 'a/b', 'a/b/c', 'a//c', '/a', 'b/b', '$x/a', 'c/1', 'c/2', 'c/3'] as const;
const PLAIN_FILTERS = [
  ...['#', '+', 'a/#', 'a/+', '+/b', 'a/b', 'a', '/+', '+/+/c', 'c/#'],
  ...['$x/#', 'will/#', 'will/+'],
] as const;
const SHARED_FILTERS = ['$share/g/#', '$share/g/a/#', '$share/h/#', '$share/h/c/+'] as const;
/** Identifiers of shared subscriptions: by them one can tell by which of them a message came. */
const SHARED_IDENTIFIER_MIN = 1_000;

/**
 * What a client subscribes to, and by which versions. Where several copies of a message may come,
 * for a group and for the client itself, they can be told apart: by identifiers, which 5.0 alone
 * has, or since there is but one subscription.
 */
export type ClientKind = 'plain' | 'sharing' | 'worker' | 'nameless';

/** What simulated clients do, by chance: everything that a client may. */
export class Choices {
  readonly random: Random;
  readonly config: BrokerConfig;
  #messages = 0;

  constructor(random: Random) {
    this.random = random;
    this.config = this.#config();
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.random.below(from.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }

  level(kind: ClientKind): ProtocolLevel {
    return kind === 'sharing' || kind === 'nameless' ? 5 : this.pick(LEVELS);
  }

  /** CONNECT of a client that is called so, or leaves it to the broker. */
  connect(clientId: string, kind: ClientKind, level: ProtocolLevel): ConnectPacket {
    const { random } = this;
    const isNameless = kind === 'nameless';
    return connectPacket({
      level,
      clientId: isNameless ? '' : clientId,
      isCleanStart: random.chance(25),
      keepAliveSeconds: this.#keepAlive(level),
      will: random.chance(40) ? this.#will(clientId, level) : undefined,
      properties: level === 5 ? this.#connectProperties(isNameless) : {},
    });
  }

  /** CONNECT of a client that goes on with its session, and sends no will. */
  resume(clientId: string, level: ProtocolLevel): ConnectPacket {
    const properties = level === 5 ? { sessionExpiryInterval: 600 } : {};
    return connectPacket({
      level,
      clientId,
      isCleanStart: false,
      keepAliveSeconds: this.config.keepAliveSecondsMax,
      properties,
    });
  }

  /** Any message, or one that clears what is retained. */
  publish(clientId: string, kind: ClientKind, level: ProtocolLevel): PublishPacket {
    const { random } = this;
    const isRetained = random.chance(20);
    const qos = random.below(3) as QoS;
    // What may have to be repeated by an older version has no properties.
    const hasProperties = level === 5 && (qos === 0 || kind === 'sharing');
    return publishPacket({
      qos,
      topicName: this.pick(TOPICS),
      isRetained,
      payload: random.chance(isRetained ? 30 : 3) ? Buffer.alloc(0) : this.#payload(clientId),
      properties: hasProperties ? this.#messageProperties() : {},
    });
  }

  filter(kind: ClientKind): string {
    if (kind === 'worker') return '$share/h/#';
    return this.pick(kind === 'sharing' ? [...PLAIN_FILTERS, ...SHARED_FILTERS] : PLAIN_FILTERS);
  }

  /** One to three filters, some of which may be the same; a shared one comes alone. */
  subscribe(kind: ClientKind, level: ProtocolLevel, packetId: number): SubscribePacket {
    const { random } = this;
    const first = this.filter(kind);
    const shared = (SHARED_FILTERS as readonly string[]).indexOf(first);
    const more = shared >= 0 ? 0 : random.below(3);
    const rest = Array.from({ length: more }, () => this.pick(PLAIN_FILTERS));
    const identifier = shared >= 0 ? SHARED_IDENTIFIER_MIN + shared : 1 + random.below(300);
    const isNumbered = level === 5 && (shared >= 0 || random.chance(40));
    return {
      type: 'subscribe',
      packetId,
      properties: isNumbered ? { subscriptionIdentifier: [identifier] } : {},
      subscriptions: [first, ...rest].map((filter) => this.#request(filter, level)),
    };
  }

  #request(topicFilter: string, level: ProtocolLevel): SubscriptionRequest {
    const { random } = this;
    const is5 = level === 5;
    return {
      topicFilter,
      qos: random.below(3) as QoS,
      isNoLocal: is5 && !topicFilter.startsWith('$share') && random.chance(30),
      isRetainAsPublished: is5 && random.chance(40),
      retainHandling: (is5 ? random.below(3) : 0) as RetainHandling,
    };
  }

  /** A goodbye: with or without the will, with a new expiry or the old one. */
  disconnect({ clientId, level, properties }: ConnectPacket): DisconnectPacket {
    const { random } = this;
    const plain = { type: 'disconnect', reasonCode: 0, properties: {} } as const;
    if (level !== 5) return plain;
    const wasKept = (properties.sessionExpiryInterval ?? 0) > 0;
    const isChanged = random.chance(wasKept ? 30 : 4);
    const longest = clientId === '' ? NAMELESS_SECONDS_MAX : NEVER;
    return {
      ...plain,
      reasonCode: random.chance(25) ? 0x04 : 0,
      properties: isChanged ? { sessionExpiryInterval: this.pick([0, 3, longest]) } : {},
    };
  }

  #config(): BrokerConfig {
    return brokerConfig({
      receiveMaximum: this.pick([2, 10, 1_000]),
      inflightMax: this.pick([1, 3, 20, 256]),
      queueMessagesMax: this.pick([3, 20, 100, 0]),
      queueBytesMax: this.pick([3_000, 20_000, 1_000_000]),
      sessionExpirySecondsMax: this.pick([5, 3_600, NEVER]),
      keepAliveSecondsMax: this.pick([0, 0, 30]),
      connectsPerSecond: 0,
      topicAliasesOutMax: this.pick([0, 2, 32, 32]),
      topicAliasMaximum: this.pick([0, 3, 32]),
      writeBufferBytes: this.pick([1_024, 4_096]),
      slowGraceMs: this.pick([0, 500]),
      writeTimeoutMs: this.pick([1_000, 5_000, 60_000]),
    });
  }

  /** Before 5.0 nobody can tell a client that it is to be shorter. */
  #keepAlive(level: ProtocolLevel): number {
    const { keepAliveSecondsMax: max } = this.config;
    const seconds = this.pick([0, 0, 5, 30, 120]);
    if (level === 5 || max === 0) return seconds;
    return seconds === 0 ? max : Math.min(seconds, max);
  }

  #connectProperties(isNameless: boolean): PropertiesOf<'connect'> {
    const { random } = this;
    const expiry = this.pick([0, 1, 10, 600, isNameless ? NAMELESS_SECONDS_MAX : NEVER]);
    return {
      ...(random.chance(70) ? { sessionExpiryInterval: expiry } : {}),
      ...(random.chance(50) ? { receiveMaximum: this.pick([1, 2, 5, 65_535]) } : {}),
      ...(random.chance(30) ? { maximumPacketSize: this.pick(PACKET_SIZES) } : {}),
      ...(random.chance(70) ? { topicAliasMaximum: this.pick([1, 3, 65_535]) } : {}),
      ...(random.chance(20) ? { requestProblemInformation: 0 } : {}),
    };
  }

  #will(clientId: string, level: ProtocolLevel): Will {
    const { random } = this;
    const delay = { willDelayInterval: this.pick([0, 1, 5, 100]) };
    return {
      topicName: `will/${clientId}`,
      payload: this.#payload(`will ${clientId}`),
      qos: random.below(3) as QoS,
      isRetained: random.chance(25),
      properties:
        level === 5 ? { ...this.#messageProperties(), ...(random.chance(50) ? delay : {}) } : {},
    };
  }

  #messageProperties(): PropertiesOf<'publish'> & PropertiesOf<'will'> {
    const { random } = this;
    if (random.chance(70)) return {};
    return {
      ...(random.chance(50) ? { messageExpiryInterval: this.pick([0, 1, 2, 30, 1_000]) } : {}),
      ...(random.chance(20) ? { contentType: 'text/plain' } : {}),
      ...(random.chance(20) ? { userProperty: [['k', 'v'] as const, ['k', 'w'] as const] } : {}),
      ...(random.chance(20) ? { responseTopic: 'r', correlationData: Buffer.from('12') } : {}),
    };
  }

  /** Mostly short; some about as long as clients take packets, to the byte. */
  #payloadLength(): number {
    const { random } = this;
    if (random.chance(70)) return random.below(20);
    return random.chance(50) ? random.below(300) : this.pick(PACKET_SIZES) - 17 - random.below(6);
  }

  /** No two are the same. */
  #payload(clientId: string): Buffer {
    this.#messages += 1;
    const length = this.#payloadLength();
    return Buffer.from(`${clientId}:${this.#messages}:${'x'.repeat(length)}`);
  }
}

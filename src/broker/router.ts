import type { Buffer } from 'node:buffer';
import { type KeptMessage, type Message, messageBytes } from '../session/message.ts';
import { RetainedTrie } from '../topic/retained-trie.ts';
import type { SubscriptionTarget } from '../topic/subscription-target.ts';
import { SubscriptionTrie } from '../topic/subscription-trie.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import { type TopicName, toTopicName } from '../topic/topic-name.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { ClientSession, Subscription } from './client-session.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { DeliveryTerms } from './publication.ts';
import { Publication } from './publication.ts';
import { findTopicRefusal } from './publish-limits.ts';
import { RouteCache } from './route-cache.ts';
import { type RouteTarget, routeTarget } from './route-target.ts';
import { type Group, SharedTurn } from './shared-turn.ts';
import { type Route, TopicRoute } from './topic-route.ts';

/** What a subscription costs beside its text. */
const SUBSCRIPTION_BYTES = 640;
/** What a topic with a retained message costs, with the levels that it alone may have. */
const RETAINED_BYTES = 400;

/** Who subscribes to what, and which messages are retained: who gets a message, and how. */
export class Router {
  readonly #subscriptions = new SubscriptionTrie<ClientSession, RouteTarget>();
  readonly #retained = new RetainedTrie<KeptMessage>();
  #retainedBytes = 0;
  /** Those that are in `#retained` and expire some time. */
  readonly #expiring = new Set<KeptMessage>();
  /** Whose turn it is in each group. */
  readonly #turns = new WeakMap<Group, SharedTurn>();
  readonly #config: BrokerConfig;
  readonly #memory: MemoryAccount;
  readonly #cache: RouteCache<TopicRoute>;

  constructor(config: BrokerConfig, memory: MemoryAccount) {
    this.#config = config;
    this.#memory = memory;
    this.#cache = new RouteCache(memory);
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  get retainedCount(): number {
    return this.#retained.size;
  }

  /** Topics, payloads and what holds them. */
  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  /** What topics hold that are remembered because somebody has published to them. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /** Levels of filters and of retained topics that are kept: 0 if there is nothing. */
  get nodeCount(): number {
    return this.#subscriptions.nodeCount + this.#retained.nodeCount;
  }

  /** Adds a subscription, or replaces the one that the session has to the same target. */
  subscribe(session: ClientSession, subscription: Subscription): 'new' | 'replaced' {
    const { identifier, target } = subscription;
    const identifiers = identifier === undefined ? undefined : [identifier];
    const added = routeTarget(session, { ...subscription, identifiers });
    this.#cache.onChange(target.filter);
    const result = this.#subscriptions.add(target, session, added);
    if (result === 'replaced') return 'replaced';
    this.#memory.add(subscriptionBytes(target));
    return 'new';
  }

  unsubscribe(session: ClientSession, target: SubscriptionTarget): void {
    this.#cache.onChange(target.filter);
    if (this.#subscriptions.remove(target, session) === 'absent') return;
    this.#memory.add(-subscriptionBytes(target));
  }

  /**
   * Who subscribes to a topic. No Local suppresses what has it alone [MQTT-3.8.3-3], and that only
   * for a publisher that is named.
   */
  route(topicName: TopicName, publisher?: string): Route {
    const bySession = new Map<ClientSession, RouteTarget>();
    const turns: SharedTurn[] = [];
    this.#subscriptions.match(topicName, {
      onSubscription(session, target) {
        if (target.isNoLocal && session.clientId === publisher) return;
        const known = bySession.get(session);
        bySession.set(session, known === undefined ? target : known.with(target));
      },
      onSharedGroup: (group) => {
        turns.push(this.#turnOf(group));
      },
    });
    return { targets: [...bySession.values()], turns };
  }

  /** What is known of the topic in `bytes[start..end)`; undefined if nothing is, by now. */
  findTopic(bytes: Buffer, start: number, end: number): TopicRoute | undefined {
    return this.#cache.find(bytes, start, end);
  }

  /** Looks up who subscribes to a topic, and keeps that. */
  learnTopic(topicName: TopicName): TopicRoute {
    const route = this.route(topicName);
    const isTaken = findTopicRefusal(topicName, this.#config) === undefined;
    const topic = new TopicRoute(topicName, route, isTaken);
    this.#cache.add(topic, route.targets.length + route.turns.length);
    return topic;
  }

  /** Gives a message to all who subscribe to it; returns to how many. */
  deliver(message: Message): number {
    const publication = new Publication(message);
    const { targets, turns } = this.route(toTopicName(message.topicName), message.publisher);
    for (const target of targets) target.outbound.deliver(publication, terms(message, target));
    for (const turn of turns) {
      const target = turn.next();
      target.outbound.deliver(publication, terms(message, target));
    }
    return targets.length + turns.length;
  }

  /**
   * Whether a message with QoS 1 or 2 would be kept for somebody: a subscriber that is away, or
   * cannot be sent it at once. Of a shared group all who may get it are asked.
   */
  isKeptBySome({ publisher, topicName }: Message): boolean {
    let isKept = false;
    this.#subscriptions.match(toTopicName(topicName), {
      onSubscription: (session, { isNoLocal, qos }) => {
        if (qos === 0 || (isNoLocal && session.clientId === publisher)) return;
        isKept ||= !session.outbound.takesAtOnce;
      },
      onSharedGroup: ({ members }) => {
        for (const [session, { qos }] of members) {
          isKept ||= qos > 0 && !session.outbound.takesAtOnce;
        }
      },
    });
    return isKept;
  }

  /**
   * Whether a retained message would find room. One that clears or replaces always does, so that
   * nobody is left with a state that is not true any more; what it grows by keeps new topics out.
   */
  hasRoomToRetain(message: Message): boolean {
    if (message.payload.length === 0) return true;
    if (this.#retained.get(toTopicName(message.topicName)) !== undefined) return true;
    const { retainedBytesMax, retainedMessagesMax } = this.#config;
    if (this.#retained.size >= retainedMessagesMax) return false;
    return this.#retainedBytes + messageBytes(message) <= retainedBytesMax;
  }

  /** Keeps a message for those who subscribe later; an empty one clears it [MQTT-3.3.1-6]. */
  retain(message: KeptMessage): void {
    const topic = toTopicName(message.topicName);
    if (message.payload.length === 0) {
      this.#leaveOut(this.#retained.delete(topic));
      return;
    }
    this.#leaveOut(this.#retained.set(topic, message));
    this.#retainedBytes += message.bytes;
    this.#memory.add(RETAINED_BYTES);
    this.#memory.hold(message);
    if (message.expiresAtMs !== Number.POSITIVE_INFINITY) this.#expiring.add(message);
  }

  /** Forgets a retained message, unless another one has taken its place. */
  forget(message: KeptMessage): void {
    const topic = toTopicName(message.topicName);
    if (this.#retained.get(topic) === message) this.#leaveOut(this.#retained.delete(topic));
  }

  get hasExpiringRetained(): boolean {
    return this.#expiring.size > 0;
  }

  /** The retained messages that expire some time. They may come and go between two steps. */
  expiringRetained(): Iterator<KeptMessage> {
    return this.#expiring.values();
  }

  /** The retained messages that match a filter, each when it is asked for. */
  retainedFor(filter: TopicFilter): Iterator<KeptMessage | undefined> {
    return this.#retained.matches(filter);
  }

  #leaveOut(message: KeptMessage | undefined): void {
    if (message === undefined) return;
    this.#retainedBytes -= message.bytes;
    this.#memory.add(-RETAINED_BYTES);
    this.#memory.letGo(message);
    this.#expiring.delete(message);
  }

  #turnOf(group: Group): SharedTurn {
    const known = this.#turns.get(group);
    if (known !== undefined) return known;
    const turn = new SharedTurn(group);
    this.#turns.set(group, turn);
    return turn;
  }
}

function terms(message: Message, target: RouteTarget): DeliveryTerms {
  return {
    qos: Math.min(message.qos, target.qos) as 0 | 1 | 2,
    isRetained: message.isRetained && target.isRetainAsPublished,
    subscriptionIdentifiers: target.identifiers,
  };
}

/** With what it costs in a session, and the levels that it alone may have. */
function subscriptionBytes({ filter, shareName = '' }: SubscriptionTarget): number {
  return SUBSCRIPTION_BYTES + (filter.length + shareName.length) * 2;
}

import { assert } from '../base/assert.ts';
import { type KeptMessage, type Message, messageBytes } from '../session/message.ts';
import { RetainedTrie } from '../topic/retained-trie.ts';
import type { SubscriptionTarget } from '../topic/subscription-target.ts';
import {
  type MatchVisitor,
  type SharedGroup,
  SubscriptionTrie,
} from '../topic/subscription-trie.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import { toTopicName } from '../topic/topic-name.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { ClientSession, Subscription } from './client-session.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { DeliveryTerms } from './publication.ts';
import { Publication } from './publication.ts';

type Group = SharedGroup<ClientSession, Subscription>;

/** What a subscription costs beside its text. */
const SUBSCRIPTION_BYTES = 640;
/** What a topic with a retained message costs, with the levels that it alone may have. */
const RETAINED_BYTES = 400;

/** The match of one client, gathered over all its subscriptions that match. */
interface Match {
  qos: 0 | 1 | 2;
  isRetainAsPublished: boolean;
  identifiers: number[] | undefined;
}

/** Who subscribes to what, and which messages are retained: who gets a message, and how. */
export class Router {
  readonly #subscriptions = new SubscriptionTrie<ClientSession, Subscription>();
  readonly #retained = new RetainedTrie<KeptMessage>();
  #retainedBytes = 0;
  /** Those that are in `#retained` and expire some time. */
  readonly #expiring = new Set<KeptMessage>();
  /** Where in each group the turn is; members may come and go meanwhile. */
  readonly #turns = new WeakMap<Group, Iterator<ClientSession, undefined>>();
  readonly #config: BrokerConfig;

  readonly #memory: MemoryAccount;

  constructor(config: BrokerConfig, memory: MemoryAccount) {
    this.#config = config;
    this.#memory = memory;
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

  /** Levels of filters and of retained topics that are kept: 0 if there is nothing. */
  get nodeCount(): number {
    return this.#subscriptions.nodeCount + this.#retained.nodeCount;
  }

  /** Adds a subscription, or replaces the one that the session has to the same target. */
  subscribe(session: ClientSession, subscription: Subscription): 'new' | 'replaced' {
    const result = this.#subscriptions.add(subscription.target, session, subscription);
    if (result === 'replaced') return 'replaced';
    this.#memory.add(subscriptionBytes(subscription.target));
    return 'new';
  }

  unsubscribe(session: ClientSession, target: SubscriptionTarget): void {
    if (this.#subscriptions.remove(target, session) === 'absent') return;
    this.#memory.add(-subscriptionBytes(target));
  }

  /** Gives a message to all who subscribe to it; returns to how many. */
  deliver(message: Message): number {
    const publication = new Publication(message);
    const matches = new Map<ClientSession, Match>();
    const groups: Group[] = [];
    this.#subscriptions.match(toTopicName(message.topicName), gather(message, matches, groups));
    for (const [session, match] of matches) {
      session.outbound.deliver(publication, terms(message, match));
    }
    for (const group of groups) this.#deliverShared(publication, group);
    return matches.size + groups.length;
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

  /** One member of the group gets the message: the next in turn, connected ones first. */
  #deliverShared(publication: Publication, group: Group): void {
    const chosen = this.#nextOf(group);
    const subscription = group.members.get(chosen);
    assert(subscription !== undefined, 'a member has a subscription');
    const match: Match = { qos: 0, isRetainAsPublished: false, identifiers: undefined };
    add(match, subscription);
    chosen.outbound.deliver(publication, terms(publication.message, match));
  }

  /** Looks at one member more than there are, so that the turn moves on where all are away. */
  #nextOf(group: Group): ClientSession {
    let away: ClientSession | undefined;
    for (let looked = 0; looked <= group.members.size; looked += 1) {
      const member = this.#takeTurn(group);
      if (member.connection !== undefined) return member;
      away ??= member;
    }
    assert(away !== undefined, 'a group has a member');
    return away;
  }

  #takeTurn(group: Group): ClientSession {
    const next = this.#turns.get(group)?.next();
    if (next !== undefined && next.done !== true) return next.value;
    const anew = group.members.keys();
    this.#turns.set(group, anew);
    const first = anew.next();
    assert(first.done !== true, 'a group has a member');
    return first.value;
  }
}

function gather(
  message: Message,
  matches: Map<ClientSession, Match>,
  groups: Group[],
): MatchVisitor<ClientSession, Subscription> {
  return {
    onSubscription(session, subscription) {
      // No Local suppresses this subscription alone [MQTT-3.8.3-3].
      if (subscription.isNoLocal && session.clientId === message.publisher) return;
      const match = matches.get(session);
      const held = match ?? { qos: 0, isRetainAsPublished: false, identifiers: undefined };
      if (match === undefined) matches.set(session, held);
      add(held, subscription);
    },
    onSharedGroup(group) {
      groups.push(group);
    },
  };
}

/** One copy for all matches: highest QoS, every identifier [MQTT-3.3.4-2] [MQTT-3.3.4-4]. */
function add(match: Match, subscription: Subscription): void {
  if (subscription.qos > match.qos) match.qos = subscription.qos;
  if (subscription.isRetainAsPublished) match.isRetainAsPublished = true;
  if (subscription.identifier === undefined) return;
  if (match.identifiers === undefined) match.identifiers = [subscription.identifier];
  else match.identifiers.push(subscription.identifier);
}

function terms(message: Message, match: Match): DeliveryTerms {
  return {
    qos: Math.min(message.qos, match.qos) as 0 | 1 | 2,
    isRetained: message.isRetained && match.isRetainAsPublished,
    subscriptionIdentifiers: match.identifiers,
  };
}

/** With what it costs in a session, and the levels that it alone may have. */
function subscriptionBytes({ filter, shareName = '' }: SubscriptionTarget): number {
  return SUBSCRIPTION_BYTES + (filter.length + shareName.length) * 2;
}

import { hexByte } from '../base/hex-byte.ts';
import { quoteText } from '../base/quote-text.ts';
import type {
  ProtocolLevel,
  QoS,
  SubackPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubackPacket,
  UnsubscribePacket,
} from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { findSubscriptionTarget } from '../topic/subscription-target.ts';
import { hasMoreBytes, slashCount } from '../topic/topic-name.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { ClientSession, Subscription } from './client-session.ts';
import type { Connection } from './connection.ts';
import { type Explanation, explain } from './explanation.ts';
import { propertySection } from './route-target.ts';

/** How SUBACK refuses a filter before 5.0; 3.1 cannot, and says what it would have granted. */
const FAILURE = 0x80;

/** A refusal shows this much of a filter. */
const SHOWN_MAX = 80;

/** Why a filter is not subscribed to; the option, where it is a limit. */
interface Refusal {
  readonly reason: ReasonName;
  readonly limit?: string;
  /** What is wrong, and the limit, behind `filter "..."`. */
  readonly what: (config: BrokerConfig) => string;
}

const ILL_FORMED: Refusal = {
  reason: 'topicFilterInvalid',
  what: () => 'is no shared subscription: that is $share/NAME/FILTER',
};
const TOO_DEEP: Refusal = {
  reason: 'topicFilterInvalid',
  limit: '--max-topic-levels',
  what: ({ topicSlashesMax: max }) => `has too many levels: ${max} times "/" is the most`,
};
const TOO_LONG: Refusal = {
  reason: 'topicFilterInvalid',
  limit: '--max-topic-bytes',
  what: ({ topicBytesMax: max }) => `is too long: ${max} bytes are the most`,
};
const NO_MEMORY: Refusal = {
  reason: 'quotaExceeded',
  limit: '--max-memory',
  what: () => 'would have to be kept, and memory is used up',
};
const TOO_MANY: Refusal = {
  reason: 'quotaExceeded',
  limit: '--max-subscriptions',
  what: ({ subscriptionsMax: max }) => `is one too many: ${max} subscriptions are the most`,
};

/** A client subscribes (section 3.8.4): each filter as if it came alone, one answer for all. */
export function onSubscribe(connection: Connection, packet: SubscribePacket): void {
  const { level, session } = connection;
  if (session === undefined) return;
  const { packetId, properties, subscriptions } = packet;
  if (isIdTaken(connection, session, packetId)) {
    const reasonCodes = subscriptions.map(() => reasonCode('packetIdentifierInUse'));
    answer(connection, { type: 'suback', packetId, properties: inUse(connection), reasonCodes });
    return;
  }
  const identifier = properties.subscriptionIdentifier?.[0];
  /** By filter: whether it was subscribed to for the first time. */
  const added = new Map<string, boolean>();
  const refusals: string[] = [];
  const reasonCodes = subscriptions.map((request) => {
    const { topicFilter } = request;
    const subscription = toSubscription(connection, request, identifier);
    const refusal = findRefusal(session, topicFilter, subscription);
    if (refusal !== undefined || subscription === undefined) {
      const { limit, reason, what } = refusal ?? ILL_FORMED;
      const shown = quoteText(topicFilter.slice(0, SHOWN_MAX));
      const message = `filter ${shown} ${what(session.core.config)}`;
      const event = limit === undefined ? 'subscribe_denied' : 'limit_reached';
      connection.limitLog.note({ event, reason, limit, message });
      refusals.push(message);
      return refusalCode(level, reason, request);
    }
    const isNew = add(session, topicFilter, subscription);
    added.set(topicFilter, isNew || added.get(topicFilter) === true);
    return subscription.qos;
  });
  const asking = [...added].flatMap(([topicFilter, isNew]) => {
    const subscription = session.subscriptions.get(topicFilter);
    if (subscription === undefined || !asksForRetained(subscription, isNew)) return [];
    return [{ topicFilter, subscription }];
  });
  const why = explainRefusals(connection, refusals);
  const suback = { type: 'suback', packetId, properties: why, reasonCodes } as const;
  answerWhenSaved(connection, session, suback, () => {
    logFilters(session, 'subscribe', subscriptions, reasonCodes);
    for (const { topicFilter, subscription } of asking) replay(session, topicFilter, subscription);
  });
}

/** A client unsubscribes (section 3.10.4): exactly these filters, no others. */
export function onUnsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { level, session } = connection;
  if (session === undefined) return;
  const { packetId, topicFilters } = packet;
  if (isIdTaken(connection, session, packetId)) {
    const reasonCodes = topicFilters.map(() => reasonCode('packetIdentifierInUse'));
    answer(connection, { type: 'unsuback', packetId, properties: inUse(connection), reasonCodes });
    return;
  }
  const found = topicFilters.map((topicFilter) => remove(session, topicFilter));
  const codes = found.map((was) => reasonCode(was ? 'success' : 'noSubscriptionExisted'));
  const reasonCodes = level === 5 ? codes : [];
  const unsuback = { type: 'unsuback', packetId, properties: {}, reasonCodes } as const;
  answerWhenSaved(connection, session, unsuback, () => {
    const filters = topicFilters.map((topicFilter) => ({ topicFilter }));
    logFilters(session, 'unsubscribe', filters, codes);
  });
}

/** Whether an unfinished PUBLISH has the id; before 5.0 no answer could say so. */
function isIdTaken({ level }: Connection, session: ClientSession, packetId: number): boolean {
  return level === 5 && session.inbound.isInUse(packetId);
}

function inUse(connection: Connection): Explanation {
  return explain(connection, 'the packet id is that of a QoS 2 message without its PUBREL');
}

/** One text for all filters: the first that was refused, and how many there are beside it. */
function explainRefusals(connection: Connection, refusals: readonly string[]): Explanation {
  const [first, ...others] = refusals;
  if (first === undefined) return NO_PROPERTIES;
  return explain(connection, others.length === 0 ? first : `${first}; ${others.length} more`);
}

type Answer = SubackPacket | UnsubackPacket;

/** Answers in turn, at once if nothing before it waits. */
function answer(connection: Connection, packet: Answer): void {
  const { responses } = connection;
  responses.settle(responses.begin(), () => connection.reply(packet));
}

/** Answers in turn, once the session's new subscriptions are safe. */
function answerWhenSaved(
  connection: Connection,
  session: ClientSession,
  packet: Answer,
  onAnswered: () => void,
): void {
  const { core, responses } = connection;
  const response = responses.begin();
  core.journal.save(session, (error) => {
    connection.guard(() => {
      if (error !== undefined) {
        core.journal.fail(connection, error);
        return;
      }
      responses.settle(response, () => {
        connection.reply(packet);
        onAnswered();
      });
    });
  });
}

/** One line for each filter, with what was answered, for who asks for them. */
function logFilters(
  { clientId, core }: ClientSession,
  event: 'subscribe' | 'unsubscribe',
  filters: readonly { readonly topicFilter: string }[],
  codes: readonly number[],
): void {
  const { config, ports } = core;
  if (!config.logsSubscriptions && !ports.logsDebug) return;
  const level = config.logsSubscriptions ? 'info' : 'debug';
  for (const [index, { topicFilter: filter }] of filters.entries()) {
    const fields = { client: clientId, filter, code: hexByte(codes[index] ?? 0) };
    ports.log({ level, event, fields });
  }
}

/** Before 5.0 `$share/...` may mean a group too; undefined where it is written wrongly. */
function toSubscription(
  { core, level }: Connection,
  request: SubscriptionRequest,
  identifier: number | undefined,
): Subscription | undefined {
  const { maximumQos, sharesBefore5 } = core.config;
  const meaning = level === 5 || sharesBefore5 ? 'shares' : 'plain';
  const target = findSubscriptionTarget(request.topicFilter, meaning);
  if (target === undefined) return undefined;
  const { isNoLocal, isRetainAsPublished, retainHandling } = request;
  const qos = Math.min(request.qos, maximumQos) as QoS;
  return { target, qos, isNoLocal, isRetainAsPublished, retainHandling, identifier };
}

function findRefusal(
  session: ClientSession,
  topicFilter: string,
  subscription: Subscription | undefined,
): Refusal | undefined {
  const { subscriptionsMax, topicBytesMax, topicSlashesMax } = session.core.config;
  if (subscription === undefined) return ILL_FORMED;
  if (slashCount(topicFilter) > topicSlashesMax) return TOO_DEEP;
  if (hasMoreBytes(topicFilter, topicBytesMax)) return TOO_LONG;
  if (session.subscriptions.has(topicFilter)) return undefined;
  if (session.subscriptions.size >= subscriptionsMax) return TOO_MANY;
  return session.core.memory.isExhausted ? NO_MEMORY : undefined;
}

function refusalCode(
  level: ProtocolLevel,
  reason: ReasonName,
  { qos }: SubscriptionRequest,
): number {
  if (level === 5) return reasonCode(reason);
  return level === 4 ? FAILURE : qos;
}

/** Adds or replaces a subscription [MQTT-3.8.4-3]; true if there was none to this filter. */
function add(session: ClientSession, topicFilter: string, subscription: Subscription): boolean {
  const isNew = !session.subscriptions.has(topicFilter);
  session.outbound.replays.stop(topicFilter);
  session.subscriptions.set(topicFilter, subscription);
  session.core.router.subscribe(session, subscription);
  return isNew;
}

function remove(session: ClientSession, topicFilter: string): boolean {
  const subscription = session.subscriptions.get(topicFilter);
  if (subscription === undefined) return false;
  session.subscriptions.delete(topicFilter);
  session.outbound.replays.stop(topicFilter);
  session.core.router.unsubscribe(session, subscription.target);
  return true;
}

/** By Retain Handling (section 3.3.1.3); a shared subscription gets none. */
function asksForRetained({ retainHandling, target }: Subscription, isNew: boolean): boolean {
  if (target.shareName !== undefined) return false;
  return retainHandling === 0 || (retainHandling === 1 && isNew);
}

/**
 * Retained messages for what was subscribed to, as its SUBACK grants them: where the subscription
 * was replaced while that waited, they still come as the old one says [MQTT-3.8.4-8], and where it
 * has ended not at all.
 */
function replay(session: ClientSession, topicFilter: string, subscription: Subscription): void {
  if (!session.subscriptions.has(topicFilter)) return;
  const { identifier, target } = subscription;
  const messages = session.core.router.retainedFor(target.filter);
  const section = propertySection(identifier === undefined ? undefined : [identifier]);
  session.outbound.replayRetained(topicFilter, { subscription, section, messages });
}

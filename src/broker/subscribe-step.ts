import type {
  ProtocolLevel,
  SubscribePacket,
  SubscriptionRequest,
  UnsubscribePacket,
} from '../codec/packet.ts';
import { type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { findSubscriptionTarget } from '../topic/subscription-target.ts';
import { slashCount } from '../topic/topic-name.ts';
import type { ClientSession, Subscription } from './client-session.ts';
import type { Connection } from './connection.ts';
import { hexCode } from './connection-end.ts';

/** How SUBACK refuses a filter before 5.0; 3.1 cannot, and says what it would have granted. */
const FAILURE = 0x80;

/** A client subscribes (section 3.8.4): each filter as if it came alone, one answer for all. */
export function onSubscribe(connection: Connection, packet: SubscribePacket): void {
  const { core, session } = connection;
  if (session === undefined) return;
  const { packetId, properties } = packet;
  const identifier = properties.subscriptionIdentifier?.[0];
  const added: { subscription: Subscription; isNew: boolean }[] = [];
  const reasonCodes = packet.subscriptions.map((request) => {
    const subscription = toSubscription(request, identifier);
    const refusal = findRefusal(session, request.topicFilter, subscription);
    if (refusal !== undefined || subscription === undefined) {
      return refusalCode(connection.level, refusal ?? 'topicFilterInvalid', request);
    }
    added.push({ subscription, isNew: add(session, request.topicFilter, subscription) });
    return subscription.qos;
  });
  const response = connection.responses.begin();
  core.backend.sessions.saveMeta(session, (error) => {
    if (error !== undefined) {
      core.failConnection(connection, error);
      return;
    }
    connection.responses.settle(response, () => {
      if (!connection.isOpen) return;
      connection.send({ type: 'suback', packetId, properties: {}, reasonCodes });
      logFilters(session, 'subscribe', packet.subscriptions, reasonCodes);
      for (const { isNew, subscription } of added) replay(session, subscription, isNew);
    });
  });
}

/** A client unsubscribes (section 3.10.4): exactly these filters, no others. */
export function onUnsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { core, session } = connection;
  if (session === undefined) return;
  const { packetId, topicFilters } = packet;
  const found = topicFilters.map((topicFilter) => remove(session, topicFilter));
  const codes = found.map((was) => reasonCode(was ? 'success' : 'noSubscriptionExisted'));
  const response = connection.responses.begin();
  core.backend.sessions.saveMeta(session, (error) => {
    if (error !== undefined) {
      core.failConnection(connection, error);
      return;
    }
    connection.responses.settle(response, () => {
      if (!connection.isOpen) return;
      const reasonCodes = connection.level === 5 ? codes : [];
      const filters = topicFilters.map((topicFilter) => ({ topicFilter }));
      logFilters(session, 'unsubscribe', filters, codes);
      connection.send({ type: 'unsuback', packetId, properties: {}, reasonCodes });
    });
  });
}

/** For `-v`: one line for each filter, with what was answered. */
function logFilters(
  { clientId, core }: ClientSession,
  event: 'subscribe' | 'unsubscribe',
  filters: readonly { readonly topicFilter: string }[],
  codes: readonly number[],
): void {
  if (!core.ports.logsDebug) return;
  for (const [index, { topicFilter: filter }] of filters.entries()) {
    const fields = { client: clientId, filter, code: hexCode(codes[index] ?? 0) };
    core.ports.log({ level: 'debug', event, fields });
  }
}

/** `$share/...` means a group in all versions; undefined where it is written wrongly. */
function toSubscription(
  request: SubscriptionRequest,
  identifier: number | undefined,
): Subscription | undefined {
  const target = findSubscriptionTarget(request.topicFilter, 'shares');
  if (target === undefined) return undefined;
  const { isNoLocal, isRetainAsPublished, qos, retainHandling } = request;
  return { target, qos, isNoLocal, isRetainAsPublished, retainHandling, identifier };
}

function findRefusal(
  session: ClientSession,
  topicFilter: string,
  subscription: Subscription | undefined,
): ReasonName | undefined {
  const { config } = session.core;
  if (subscription === undefined) return 'topicFilterInvalid';
  if (slashCount(topicFilter) > config.topicSlashesMax) return 'topicFilterInvalid';
  const isKnown = session.subscriptions.has(topicFilter);
  if (!isKnown && session.subscriptions.size >= config.subscriptionsMax) return 'quotaExceeded';
  return undefined;
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
  const old = session.subscriptions.get(topicFilter);
  if (old !== undefined) session.stopReplay(old);
  session.subscriptions.set(topicFilter, subscription);
  session.core.router.subscribe(session, subscription);
  return old === undefined;
}

function remove(session: ClientSession, topicFilter: string): boolean {
  const subscription = session.subscriptions.get(topicFilter);
  if (subscription === undefined) return false;
  session.subscriptions.delete(topicFilter);
  session.stopReplay(subscription);
  session.core.router.unsubscribe(session, subscription.target);
  return true;
}

/** Retained messages for what was just subscribed to, by its Retain Handling (section 3.3.1.3). */
function replay(session: ClientSession, subscription: Subscription, isNew: boolean): void {
  const { retainHandling, target } = subscription;
  if (target.shareName !== undefined || retainHandling === 2) return;
  if (retainHandling === 1 && !isNew) return;
  const messages = session.core.router.retainedFor(target.filter);
  session.replayRetained({ subscription, messages });
}

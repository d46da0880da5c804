import type { QoS } from '../../src/codec/packet.ts';
import { naiveMatches } from '../support/naive-matcher.ts';
import { type Due, type ModelMessage, Share } from './model-message.ts';
import type { ModelSession, ModelSubscription } from './model-session.ts';
import type { ModelState } from './model-state.ts';
import { fits } from './packet-size.ts';

/** Those of one group who match a message. */
type Members = Map<ModelSession, ModelSubscription>;

/** Publishes: keeps what is to be retained, and owes the message to all who subscribe. */
export function publish(state: ModelState, message: ModelMessage): boolean {
  if (message.isRetained) state.retained.keep(message, state.sessions.values());
  return route(state, message);
}

/** True if anybody subscribes to it, here or away. */
function route(state: ModelState, message: ModelMessage): boolean {
  const groups = new Map<string, Members>();
  let isMatched = false;
  for (const session of state.sessions.values()) {
    const plain = plainMatches(session, message, groups);
    if (plain.length === 0) continue;
    isMatched = true;
    owe(state, session, dueOf(message, plain, undefined));
  }
  for (const members of groups.values()) oweGroup(state, message, members);
  return isMatched || groups.size > 0;
}

/** The subscriptions by which a session gets a message for itself; it joins groups beside that. */
function plainMatches(
  session: ModelSession,
  { publisher, topicName }: ModelMessage,
  groups: Map<string, Members>,
): ModelSubscription[] {
  const plain: ModelSubscription[] = [];
  for (const subscription of session.subscriptions.values()) {
    if (!naiveMatches(subscription.filter, topicName)) continue;
    if (subscription.shareName !== undefined) join(groups, session, subscription);
    else if (!subscription.isNoLocal || session.clientId !== publisher) plain.push(subscription);
  }
  return plain;
}

function join(
  groups: Map<string, Members>,
  session: ModelSession,
  subscription: ModelSubscription,
): void {
  const name = `${subscription.shareName}/${subscription.filter}`;
  const members = groups.get(name) ?? new Map<ModelSession, ModelSubscription>();
  members.set(session, subscription);
  groups.set(name, members);
}

/** One copy for all that match: the highest QoS, every identifier. */
function dueOf(
  message: ModelMessage,
  subscriptions: readonly ModelSubscription[],
  share: Share | undefined,
): Due {
  const granted = Math.max(...subscriptions.map(({ qos }) => qos));
  const identifiers = subscriptions.flatMap(({ identifier }) => identifier ?? []);
  return {
    message,
    qos: Math.min(granted, message.qos) as QoS,
    isRetained: message.isRetained && subscriptions.some((one) => one.isRetainAsPublished),
    identifiers: identifiers.sort((a, b) => a - b),
    share,
    excuse: undefined,
  };
}

/** A member that is here gets it; where all are away, one of them, unless QoS 0 is all it gets. */
function oweGroup(state: ModelState, message: ModelMessage, members: Members): void {
  const share = new Share(message);
  const here = [...members].filter(([session]) => session.connection !== undefined);
  const isSure = here.length > 0 && !state.isUnsure;
  for (const [session, subscription] of isSure ? here : members) {
    const due = dueOf(message, [subscription], share);
    if (owe(state, session, due)) share.dues.set(session, due);
    else share.mayBeLost = true;
  }
  if (state.isUnsure) share.mayBeLost = true;
  state.noteShare(share);
}

/** False if the session gets no such message now: QoS 0 does not wait. */
function owe(state: ModelState, session: ModelSession, due: Due): boolean {
  const { connection } = session;
  if (due.qos === 0) {
    if (connection === undefined) return false;
    due.to = connection;
    if (state.isUnsure) due.excuse = 'it came together with other deadlines';
    if (connection.owedConnack !== undefined) due.excuse ??= 'its CONNACK was not out';
    session.instant.push(due);
    return true;
  }
  due.isUnsure = state.isUnsure;
  if (due.message.expiresAtMs <= state.nowMs) due.excuse = 'it does not wait';
  // It may be given up in this step, and the connection be gone at its end.
  if (connection !== undefined && !fits(due, connection)) due.excuse = 'it is too large';
  const most = session.room;
  session.push(due, state.config, { least: isFree(state, session) ? most : 0, most });
  return true;
}

/** Whether all for which the client has room can only be on their way, and not in the queue. */
function isFree({ config }: ModelState, session: ModelSession): boolean {
  const { connection, instant, pending, replays } = session;
  if (connection === undefined || connection.link.unsentBytes > 0) return false;
  if (replays.length > 0) return false;
  const bytes = [...pending, ...instant].reduce((sum, due) => sum + sentBytesMax(due), 0);
  return bytes < config.writeBufferBytes / 2; // The other half is for answers.
}

function sentBytesMax({ message }: Due): number {
  return 100 + message.text.length + message.extras.length;
}

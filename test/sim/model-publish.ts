import type { PublishPacket } from '../../src/codec/packet.ts';
import type { ModelConnection } from './model-connection.ts';
import { type Due, extrasOf, type ModelMessage, textOf } from './model-message.ts';
import type { Replay } from './model-retained.ts';
import type { Flight, ModelSession } from './model-session.ts';
import type { ModelState } from './model-state.ts';
import { fits } from './packet-size.ts';

/** A PUBLISH of the broker, with its topic name spelled out. */
interface SeenPublish {
  readonly state: ModelState;
  readonly connection: ModelConnection;
  readonly session: ModelSession;
  readonly packet: PublishPacket;
  readonly topicName: string;
}

/** Judges a message that the broker sends: it is owed, as it is, and now. */
export function onPublishSent(
  state: ModelState,
  connection: ModelConnection,
  packet: PublishPacket,
): void {
  const { session } = connection;
  if (session === undefined) {
    state.report(`PUBLISH to ${connection.name}, which has not sent CONNECT`);
    return;
  }
  const topicName = resolveAlias(state, connection, packet);
  const seen = { state, connection, session, packet, topicName };
  const { packetId, qos } = packet;
  if (qos === 0 || packetId === undefined) {
    if (packet.isDuplicate) complain(seen, 'DUP at QoS 0 [MQTT-3.3.1-2]');
    takeOwed(seen);
  } else if (packet.isDuplicate) onRepeat(seen, packetId);
  else onFirst(seen, packetId);
}

function resolveAlias(
  state: ModelState,
  { aliases, aliasMax, name }: ModelConnection,
  { properties, topicName }: PublishPacket,
): string {
  const { topicAlias } = properties;
  if (topicAlias === undefined) return topicName;
  if (topicAlias > aliasMax) state.report(`topic alias ${topicAlias} to ${name} [MQTT-3.1.2-26]`);
  if (topicName !== '') aliases.set(topicAlias, topicName);
  return aliases.get(topicAlias) ?? '';
}

function onFirst(seen: SeenPublish, packetId: number): void {
  const { connection, session } = seen;
  if (session.flights.has(packetId)) {
    complain(seen, `packet id ${packetId} is in use [MQTT-2.2.1-3]`);
    return;
  }
  const unsent = session.toRepeat(connection);
  if (unsent.length > 0) {
    const [first] = unsent;
    complain(seen, `sent before packet id ${first?.packetId} was repeated [MQTT-4.6.0-1]`);
  }
  session.giveUpBefore(undefined, connection);
  // What is behind this one on a connection that is over may not have left any more.
  if (session.connection === connection) session.seeAll();
  const due = takeOwed(seen);
  if (due === undefined) return;
  session.flights.set(packetId, { packetId, due, stage: 'publish', connection, isDoubtful: false });
  checkQuota(seen);
}

/** The first of those that have not been repeated on this connection [MQTT-4.4.0-1]. */
function onRepeat(seen: SeenPublish, packetId: number): void {
  const { connection, packet, session, topicName } = seen;
  const flight = session.flights.get(packetId) ?? takeUnseen(seen, packetId);
  if (flight === undefined) {
    complain(seen, `DUP of a message that was never sent [MQTT-3.3.1-1]`);
    return;
  }
  const { message, qos } = flight.due;
  const waiting = session.toRepeat(connection).filter(({ stage }) => stage === 'publish');
  // With an alias some fit that do not otherwise.
  const isInOrder = waiting[0] === flight || !fits(flight.due, connection);
  if (flight.stage !== 'publish') complain(seen, 'PUBREC had come [MQTT-4.3.3-6]');
  else if (flight.connection === connection) complain(seen, 'sent twice on one connection');
  else if (!isInOrder && !flight.isDoubtful) complain(seen, `not in order [MQTT-4.6.0-1]`);
  const isSame = message.text === textOf(packet.payload) && message.topicName === topicName;
  if (!isSame || qos !== packet.qos) complain(seen, `is not what was sent with this packet id`);
  session.giveUpBefore(flight, connection);
  flight.connection = connection;
  flight.isDoubtful = false;
  checkQuota(seen);
}

/** What a broker had sent when it was killed, and nobody has seen. */
function takeUnseen(seen: SeenPublish, packetId: number): Flight | undefined {
  const { session } = seen;
  if (session.unseenMax === 0) return undefined;
  session.unseenMax -= 1;
  const replayed = session.unseenReplays.find((one) => isFulfilled(seen, one, true));
  // It may be what waited for the session itself: nobody can tell.
  if (replayed !== undefined) session.excuseCopies(replayed);
  // It was on its way in time, and is repeated however late that is.
  const due = replayed ?? takeOwed(seen, 'late');
  if (due === undefined) return undefined;
  const flight: Flight = {
    packetId,
    due,
    stage: 'publish',
    connection: undefined,
    isDoubtful: false,
  };
  session.flights.set(packetId, flight);
  return flight;
}

function checkQuota(seen: SeenPublish): void {
  const { connection, session } = seen;
  const here = [...session.flights.values()].filter((one) => one.connection === connection);
  if (here.length <= connection.quotaMax) return;
  complain(seen, `${here.length} in flight, ${connection.quotaMax} is the most [MQTT-3.3.4-9]`);
}

/** Finds what this message fulfils, and strikes it off. */
function takeOwed(seen: SeenPublish, when: 'in time' | 'late' = 'in time'): Due | undefined {
  const { packet, session } = seen;
  const owed = packet.qos === 0 ? session.instant : session.pending;
  const fresh = owed.findIndex((due) => isFulfilled(seen, due) && isInTime(seen, due.message));
  const at = fresh >= 0 ? fresh : owed.findIndex((due) => isFulfilled(seen, due));
  const due = owed[at];
  if (due !== undefined) {
    checkOrder(seen, owed.slice(0, at), due);
    const isLate = when === 'late' && due.message.expiresAtMs <= seen.state.nowMs;
    if (!isLate) checkExpiry(seen, due.message);
    session.forget(due);
    if (due.excuse !== undefined) excuseCopies(seen, due);
    due.share?.take(session);
    return due;
  }
  const replayed = takeReplayed(seen);
  if (replayed === undefined) complain(seen, `is not owed${nearest(seen, owed)}`);
  return replayed;
}

function isFulfilled(
  seen: SeenPublish,
  due: Due,
  isRetained = due.isRetained && seen.connection.level === 5,
): boolean {
  const { packet, topicName } = seen;
  const { message } = due;
  if (message.topicName !== topicName || due.qos !== packet.qos) return false;
  if (message.text !== textOf(packet.payload)) return false;
  if (packet.isRetained !== isRetained) return false;
  return hasProperties(seen, message, due.identifiers);
}

/** Before 5.0 there are none. */
function hasProperties(
  { connection, packet }: SeenPublish,
  message: ModelMessage,
  identifiers: readonly number[],
): boolean {
  if (connection.level !== 5) return true;
  const { subscriptionIdentifier: sent = [] } = packet.properties;
  if (sent.length !== identifiers.length) return false;
  const sorted = sent.length > 1 ? [...sent].sort((a, b) => a - b) : sent;
  return (
    sorted.every((identifier, index) => identifier === identifiers[index]) &&
    extrasOf(packet.properties) === message.extras
  );
}

/** What was owed before from the same publisher and topic has come, or need not [MQTT-4.6.0-5]. */
function checkOrder(seen: SeenPublish, before: readonly Due[], due: Due): void {
  const { session } = seen;
  for (const older of before) {
    const { message, share } = older;
    const { publisher, sentAtMs, topicName } = due.message;
    // Copies of one message are in no order, nor is what several deadlines have brought at once.
    if (message === due.message) continue;
    if (message.sentAtMs === sentAtMs && message.publisher !== publisher) continue;
    const isSameOrder = message.topicName === topicName && message.publisher === publisher;
    const isCertain = share === undefined;
    const excuse = passedOver(seen, older);
    if (excuse !== undefined) {
      session.forget(older);
      share?.giveUp(session, excuse);
    } else if (isSameOrder && isCertain && older.excuse === undefined && due.share === undefined) {
      complain(seen, `overtakes ${renderDue(older)} [MQTT-4.6.0-6]`);
    }
  }
}

/** Why a message that has waited may not be sent. */
function passedOver({ connection, state }: SeenPublish, due: Due): string | undefined {
  const { expiresAtMs, sentAtMs } = due.message;
  if (expiresAtMs <= state.nowMs && sentAtMs < state.nowMs) return 'it has expired';
  return fits(due, connection) ? undefined : 'it is too large';
}

/** Whether it has not expired, and says when it does. */
function isInTime(seen: SeenPublish, { expiresAtMs, sentAtMs }: ModelMessage): boolean {
  const { connection, packet, state } = seen;
  const leftMs = expiresAtMs - state.nowMs;
  if (leftMs <= 0 && sentAtMs < state.nowMs) return false;
  if (connection.level !== 5) return true;
  const { messageExpiryInterval: seconds } = packet.properties;
  if (seconds === undefined) return leftMs === Number.POSITIVE_INFINITY;
  return Math.abs(seconds * 1000 - leftMs) < 1000;
}

/** Counted down by the time that it has waited [MQTT-3.3.2-6]; gone once it has expired. */
function checkExpiry(seen: SeenPublish, message: ModelMessage): void {
  if (isInTime(seen, message)) return;
  const leftMs = message.expiresAtMs - seen.state.nowMs;
  if (leftMs <= 0) complain(seen, `expired ${-leftMs} ms ago [MQTT-3.3.2-5]`);
  else complain(seen, `expires in ${leftMs} ms, and says otherwise [MQTT-3.3.2-6]`);
}

/** A retained message that a new subscription asks for. */
function takeReplayed(seen: SeenPublish): Due | undefined {
  const { packet, state, topicName } = seen;
  if (!packet.isRetained) return undefined;
  const message = state.retained.findCurrent(topicName, textOf(packet.payload), state.nowMs);
  if (message === undefined) return undefined;
  const asking = askingFor(seen, message);
  const [first] = asking;
  if (first === undefined) return undefined;
  for (const replay of asking) {
    replay.wanted.delete(topicName);
    // Where several ask for the same nobody can tell which one has got it.
    if (asking.length > 1) replay.optional.add(topicName);
    else {
      replay.optional.delete(topicName);
      replay.given.add(topicName);
    }
  }
  checkExpiry(seen, message);
  return replayedDue(first, message);
}

/** The replays to which this message may belong. */
function askingFor(seen: SeenPublish, message: ModelMessage): Replay[] {
  const { packet, session, topicName } = seen;
  return session.replays.flatMap(({ replay }) => {
    const { identifiers, qos } = replayedDue(replay, message);
    const isAsked = replay.wanted.has(topicName) || replay.optional.has(topicName);
    const isIt = isAsked && qos === packet.qos && hasProperties(seen, message, identifiers);
    return isIt ? [replay] : [];
  });
}

/** One that may have been dropped has come, or a copy of it: nobody can tell which. */
function excuseCopies(seen: SeenPublish, due: Due): void {
  const { packet, session, topicName } = seen;
  session.excuseCopies(due);
  if (!packet.isRetained) return;
  for (const { optional, wanted } of askingFor(seen, due.message)) {
    if (wanted.delete(topicName)) optional.add(topicName);
  }
}

/** A retained message, as a new subscription gets it. */
export function replayedDue({ subscription }: Replay, message: ModelMessage): Due {
  const { identifier } = subscription;
  return {
    message,
    qos: Math.min(subscription.qos, message.qos) as 0 | 1 | 2,
    isRetained: true,
    identifiers: identifier === undefined ? [] : [identifier],
    share: undefined,
    excuse: undefined,
  };
}

function complain({ connection, packet, state, topicName }: SeenPublish, what: string): void {
  const { packetId = '-', payload, qos } = packet;
  const shown = `"${textOf(payload).slice(0, 24)}" (QoS ${qos}, id ${packetId}, ${topicName})`;
  state.report(`PUBLISH ${shown} to ${connection.name}: ${what}`);
}

function nearest({ packet, topicName }: SeenPublish, owed: readonly Due[]): string {
  const text = textOf(packet.payload);
  const due = owed.find(({ message }) => message.text === text && message.topicName === topicName);
  return due === undefined ? '' : `: what is owed is ${renderDue(due)}`;
}

/** A message that is owed, in a few words. */
export function renderDue({ excuse, identifiers, isRetained, message, qos, share }: Due): string {
  const parts = [
    `"${message.text.slice(0, 24)}"`,
    message.topicName,
    `QoS ${qos}`,
    ...(isRetained ? ['retained'] : []),
    ...(identifiers.length > 0 ? [`identifiers ${identifiers.join(' ')}`] : []),
    ...(share === undefined ? [] : ['of a group']),
    ...(message.extras === '' ? [] : [message.extras]),
    ...(excuse === undefined ? [] : [`(${excuse})`]),
  ];
  return parts.join(' ');
}

import type { ModelConnection } from './model-connection.ts';
import { isStuck } from './model-life.ts';
import type { Due, ModelMessage } from './model-message.ts';
import { renderDue } from './model-publish.ts';
import type { Replay } from './model-retained.ts';
import type { Flight, ModelSession } from './model-session.ts';
import type { ModelState } from './model-state.ts';
import { fits } from './packet-size.ts';

/** No subscription of a simulation has a longer one on the wire. */
const LARGEST_IDENTIFIER = 1_000;

/** What was due by now has to have happened. */
export function checkTime(state: ModelState): void {
  const { config, nowMs } = state;
  for (const connection of state.connections) {
    const { link, name } = connection;
    if (connection.silentAtMs <= nowMs) {
      state.report(`${name} is silent for too long, and was not closed [MQTT-3.1.2-22]`);
    }
    const isNew = connection.state === 'new';
    if (isNew && nowMs >= connection.openedMs + config.connectTimeoutMs) {
      state.report(`${link.peer} sends no CONNECT, and was not closed`);
    }
    if (isOverdue(state, connection)) state.report(`${name} takes nothing, and was not closed`);
  }
}

/**
 * The broker looks once in the time that it allows: what was taken just behind a look counts until
 * the next one.
 */
function isOverdue(state: ModelState, connection: ModelConnection): boolean {
  const { link, stuckSinceMs: before = Number.NEGATIVE_INFINITY } = connection;
  if (!isStuck(state, connection)) connection.stuckSinceMs = undefined;
  else if (link.takenAtMs >= before) connection.stuckSinceMs = state.nowMs;
  const { stuckSinceMs = state.nowMs } = connection;
  return state.nowMs - stuckSinceMs >= state.config.writeTimeoutMs;
}

/** After a step nothing is owed that could have been done. */
export function checkStep(state: ModelState): void {
  for (const connection of state.connections) checkConnection(state, connection);
  for (const session of state.sessions.values()) settle(state, session);
  for (const share of state.shares) {
    if (!share.isTaken && share.dues.size === 0 && !share.mayBeLost) {
      state.report(`no member of a group got "${share.text.slice(0, 24)}" [MQTT-4.8.2-4]`);
    }
  }
  if (state.shares.length > 0) state.shares = [];
  state.retained.endStep();
}

function checkConnection(state: ModelState, connection: ModelConnection): void {
  const { answers, name } = connection;
  if (connection.state === 'ending') state.report(`${name} was not closed`);
  const [owed] = answers;
  if (owed !== undefined) state.report(`${JSON.stringify(owed)} to ${name} has not come`);
  if (connection.owedConnack !== undefined) state.report(`CONNACK to ${name} has not come`);
}

function settle(state: ModelState, session: ModelSession): void {
  const { connection } = session;
  settleReplays(state, session);
  session.recentConnections = connection === undefined ? [] : [connection];
  if (session.instant.length > 0) settleInstant(state, session);
  if (connection === undefined) return;
  noteSlowness(state, session, connection);
  if (connection.link.unsentBytes > 0) return;
  const unsent = session.toRepeat(connection);
  if (unsent.length > 0) {
    checkRepeats(state, session, unsent);
    return;
  }
  if (isWithinQuota(session, connection)) session.giveUpBefore(undefined, connection);
  if (session.flights.size >= connection.quotaMax) return;
  for (const due of [...session.pending]) {
    settleDue(state, session, due, whyNot(state, connection, due));
  }
  for (const { replay } of session.replays) {
    for (const topicName of replay.wanted) checkReplay(state, connection, topicName);
  }
  if (session.replays.length > 0) session.replays = [];
}

/** QoS 0 comes at once, or not at all. */
function settleInstant(state: ModelState, session: ModelSession): void {
  const { connection } = session;
  for (const due of [...session.instant]) {
    const isSlow = connection === undefined || isFrozen(state, connection);
    const excuse = isSlow || due.to !== connection ? 'it does not read' : undefined;
    settleDue(state, session, due, excuse ?? whyNot(state, connection, due));
  }
}

/**
 * Whether publishers have been held up for it for as long as they may be, and half of its buffer is
 * still full.
 */
function isFrozen({ config, nowMs }: ModelState, connection: ModelConnection): boolean {
  const { slowSinceMs = Number.POSITIVE_INFINITY, stepBytes } = connection;
  const isHalfFull = stepBytes * 2 >= config.writeBufferBytes;
  return isHalfFull && nowMs - slowSinceMs >= config.slowGraceMs;
}

/** A slow client is one with too much unsent, or too much waiting. */
function noteSlowness(
  { config, nowMs }: ModelState,
  { peak, pending, pendingBytes }: ModelSession,
  connection: ModelConnection,
): void {
  const { unsentBytes } = connection.link;
  const isFull = connection.stepBytes >= config.writeBufferBytes;
  const { queueBytesMax, queueMessagesMax } = config;
  const isBehind = peak.count * 2 > queueMessagesMax || peak.bytes * 2 > queueBytesMax;
  if (isBehind || (isFull && unsentBytes > 0)) connection.slowSinceMs ??= nowMs;
  else if (unsentBytes === 0) connection.slowSinceMs = undefined;
  connection.stepBytes = unsentBytes;
  peak.count = pending.length;
  peak.bytes = pendingBytes;
}

/** Why a message need not have come; undefined if it must have. */
function whyNot(
  { nowMs }: ModelState,
  connection: ModelConnection | undefined,
  due: Due,
): string | undefined {
  if (due.excuse !== undefined) return due.excuse;
  if (due.message.expiresAtMs <= nowMs) return 'it has expired';
  if (connection === undefined) return 'the connection is gone';
  return fits(due, connection) ? undefined : 'it is too large';
}

/** A message that has not come, where it could have. */
function settleDue(
  state: ModelState,
  session: ModelSession,
  due: Due,
  excuse: string | undefined,
): void {
  session.forget(due);
  if (due.share !== undefined) {
    if (!due.share.giveUp(session, excuse)) {
      state.report(`no member of a group got ${renderDue(due)} [MQTT-4.8.2-4]`);
    }
  } else if (excuse === undefined) {
    state.report(`${renderDue(due)} has not come to ${session.clientId}`);
  }
}

/** PUBRELs are repeated at once, PUBLISHes as far as the client's Receive Maximum goes. */
function checkRepeats(state: ModelState, session: ModelSession, unsent: readonly Flight[]): void {
  const { clientId, connection } = session;
  const hasRoom = connection !== undefined && isWithinQuota(session, connection);
  const late = unsent.find(({ stage }) => stage === 'pubrel' || hasRoom);
  if (late === undefined) return;
  const what = `${late.stage.toUpperCase()} ${late.packetId}`;
  state.report(`${what} was not repeated to ${clientId} [MQTT-4.4.0-1]`);
}

/** Whether this connection has sent fewer than the client takes. */
function isWithinQuota({ flights }: ModelSession, connection: ModelConnection): boolean {
  const sent = [...flights.values()].filter((flight) => flight.connection === connection);
  return sent.length < connection.quotaMax;
}

function settleReplays(state: ModelState, session: ModelSession): void {
  if (session.replays.length === 0) return;
  session.replays = session.replays.filter(({ replay }) => !replay.isStopped);
  for (const { replay } of session.replays) relaxReplay(state, session, replay);
}

/** What has expired, or is too large, may have been passed over by now. */
function relaxReplay(
  state: ModelState,
  { recentConnections }: ModelSession,
  { optional, wanted }: Replay,
): void {
  for (const topicName of wanted) {
    const values = state.retained.valuesOf(topicName, state.nowMs);
    const isSendable = (message: ModelMessage): boolean =>
      recentConnections.every((connection) => fits(replayedDue(message), connection));
    if (values.length > 0 && values.every(isSendable)) continue;
    wanted.delete(topicName);
    optional.add(topicName);
  }
}

function checkReplay(state: ModelState, connection: ModelConnection, topicName: string): void {
  const message = state.retained.find(topicName, state.nowMs);
  if (message === undefined || !fits(replayedDue(message), connection)) return;
  state.report(`the retained message of ${topicName} has not come to ${connection.name}`);
}

/** What a new subscription gets, at its largest. */
function replayedDue(message: ModelMessage): Due {
  const { qos } = message;
  const identifiers = [LARGEST_IDENTIFIER];
  return { message, qos, isRetained: true, identifiers, share: undefined, excuse: undefined };
}

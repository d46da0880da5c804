import type { ConnectPacket, DisconnectPacket } from '../../src/codec/packet.ts';
import type { ModelConnection } from './model-connection.ts';
import { modelMessage } from './model-message.ts';
import { replayedDue } from './model-publish.ts';
import { publish } from './model-routing.ts';
import { ModelSession } from './model-session.ts';
import type { ModelState } from './model-state.ts';

const NEVER = 0xffff_ffff;
const TAKEN_OVER = 0x8e;
const PROTOCOL_ERROR = 0x82;

/** CONNECT: takes the client id over, and goes on with its session or begins one. */
export function openSession(
  state: ModelState,
  connection: ModelConnection,
  packet: ConnectPacket,
): void {
  const { isCleanStart, level } = packet;
  const clientId = packet.clientId === '' ? `nameless ${connection.link.peer}` : packet.clientId;
  const old = state.sessions.get(clientId);
  if (old?.connection !== undefined) takeOver(state, old.connection, isCleanStart);
  const left = state.sessions.get(clientId);
  if (left !== undefined && isCleanStart) endSession(state, left);
  const goesOn = left !== undefined && !isCleanStart;
  const session = goesOn ? left : new ModelSession(clientId);
  state.sessions.set(clientId, session);
  session.expirySeconds = expiryOf(packet, state.config.sessionExpirySecondsMax);
  session.will = packet.will;
  session.willDueMs = Number.POSITIVE_INFINITY;
  session.endDueMs = Number.POSITIVE_INFINITY;
  session.connection = connection;
  session.recentConnections.push(connection);
  connection.session = session;
  connection.state = 'ready';
  connection.level = level;
  connection.connect = packet;
  connection.owedConnack = { isSessionPresent: goesOn && level !== 3 };
  applyTerms(state, connection, packet);
}

function applyTerms(
  { config }: ModelState,
  connection: ModelConnection,
  { keepAliveSeconds, properties }: ConnectPacket,
): void {
  const { maximumPacketSize, receiveMaximum, topicAliasMaximum = 0 } = properties;
  const { inflightMax, keepAliveSecondsMax: secondsMax, topicAliasesOutMax } = config;
  const capped = keepAliveSeconds === 0 ? secondsMax : Math.min(keepAliveSeconds, secondsMax);
  connection.keepAliveMs = (secondsMax === 0 ? keepAliveSeconds : capped) * 1000;
  connection.quotaMax = Math.min(inflightMax, receiveMaximum ?? inflightMax);
  connection.packetBytesMax = maximumPacketSize ?? Number.POSITIVE_INFINITY;
  connection.aliasMax = Math.min(topicAliasMaximum, topicAliasesOutMax);
}

/** Before 5.0 a clean session ends with its connection, and any other never does. */
function expiryOf({ isCleanStart, level, properties }: ConnectPacket, max: number): number {
  const older = isCleanStart ? 0 : NEVER;
  return Math.min(level === 5 ? (properties.sessionExpiryInterval ?? 0) : older, max);
}

/** The will of the older connection goes out, unless it waits and its session goes on. */
function takeOver(state: ModelState, old: ModelConnection, isCleanStart: boolean): void {
  const { session } = old;
  const goesOn = session?.isDurable === true && !isCleanStart;
  const delay = session?.will?.properties.willDelayInterval ?? 0;
  oweEnd(old, TAKEN_OVER);
  endConnection(state, old, !(goesOn && delay > 0));
}

/** The broker has to close this connection, in 5.0 with this reason code. */
export function oweEnd(connection: ModelConnection, code: number | undefined): void {
  connection.state = 'ending';
  connection.owedEnd = { code: connection.level === 5 ? code : undefined };
}

/** DISCONNECT: 0x00 keeps the will from being sent, and the session's expiry may change. */
export function onDisconnect(
  state: ModelState,
  connection: ModelConnection,
  { properties, reasonCode }: DisconnectPacket,
): void {
  const { session } = connection;
  const { sessionExpiryInterval: seconds } = properties;
  const asked = connection.connect?.properties.sessionExpiryInterval ?? 0;
  if (seconds !== undefined && seconds > 0 && asked === 0) {
    oweEnd(connection, PROTOCOL_ERROR);
    endConnection(state, connection, true);
    return;
  }
  if (session !== undefined && seconds !== undefined) {
    session.expirySeconds = Math.min(seconds, state.config.sessionExpirySecondsMax);
  }
  oweEnd(connection, undefined);
  endConnection(state, connection, reasonCode !== 0);
}

/** The connection counts no more: its session goes on without it, or ends. */
export function endConnection(
  state: ModelState,
  connection: ModelConnection,
  keepsWill: boolean,
): void {
  const { session } = connection;
  if (session?.connection !== connection) return;
  noteUnseen(state, session);
  session.connection = undefined;
  session.doubtTooLarge(connection);
  if (!keepsWill) session.will = undefined;
  const delay = session.will?.properties.willDelayInterval ?? 0;
  if (!session.isDurable) {
    endSession(state, session);
    return;
  }
  wait(state, session);
  if (delay === 0) publishWill(state, session);
}

/** The client is away: its will and the end of its session are due some time. */
function wait(state: ModelState, session: ModelSession): void {
  const delay = session.will?.properties.willDelayInterval ?? 0;
  if (!session.endsNever) session.endDueMs = state.nowMs + session.expirySeconds * 1000;
  if (session.will !== undefined) session.willDueMs = state.nowMs + delay * 1000;
}

/**
 * The connection is about to be gone. What the broker has taken for sent, and could not send before
 * that was kept, is lost with it: nobody has seen it.
 */
function noteUnseen(state: ModelState, session: ModelSession): void {
  if (state.outlives === 'nothing') return;
  session.unseenMax += session.roomBehindRepeats;
  for (const { replay } of session.replays) {
    for (const topicName of replay.wanted) replay.optional.add(topicName);
    replay.wanted.clear();
    for (const topicName of replay.optional) {
      const messages = state.retained.valuesOf(topicName, state.nowMs);
      session.unseenReplays.push(...messages.map((message) => replayedDue(replay, message)));
    }
  }
}

/** The session is over, and its will due if it has one [MQTT-3.1.2-8]. */
function endSession(state: ModelState, session: ModelSession): void {
  forget(state, session);
  publishWill(state, session);
}

function forget(state: ModelState, session: ModelSession): void {
  if (state.sessions.get(session.clientId) === session) state.sessions.delete(session.clientId);
  session.connection = undefined;
  for (const { share } of session.pending) share?.giveUp(session, 'the member has gone');
  session.subscriptions.clear();
}

function publishWill(state: ModelState, session: ModelSession): void {
  const { clientId, will } = session;
  session.will = undefined;
  session.willDueMs = Number.POSITIVE_INFINITY;
  if (will !== undefined) publish(state, modelMessage(will, clientId, state.nowMs));
}

/**
 * All connections are gone, and so is what is not kept: sessions that end with them, but for their
 * wills, and QoS 0. Nobody knows when the others have lost their clients: they wait from now on.
 */
export function restart(state: ModelState): void {
  for (const connection of state.connections) {
    connection.state = 'closed';
    const { session } = connection;
    if (session?.connection !== connection) continue;
    noteUnseen(state, session);
    session.connection = undefined;
    session.doubtTooLarge(connection);
    if (!session.isDurable) session.loseMessages();
    if (!session.isDurable && session.will === undefined) forget(state, session);
    wait(state, session);
  }
  state.connections.clear();
  for (const session of state.sessions.values()) {
    session.replays = [];
    for (const due of [...session.instant]) {
      session.forget(due);
      due.share?.giveUp(session, 'the broker was killed');
    }
  }
}

/** When something is due next; Infinity if nothing ever is. */
export function nextDueMs({ connections, sessions }: ModelState): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { silentAtMs } of connections) next = Math.min(next, silentAtMs);
  for (const { endDueMs, willDueMs } of sessions.values()) {
    next = Math.min(next, endDueMs, willDueMs);
  }
  return next;
}

/** Wills that are due, and sessions that have expired by now: soonest first. */
export function passTime(state: ModelState): void {
  const dueAt = ({ endDueMs, willDueMs }: ModelSession): number => Math.min(endDueMs, willDueMs);
  const isDue = (session: ModelSession): boolean => dueAt(session) <= state.nowMs;
  const gone = [...state.connections].filter(
    (connection) => connection.silentAtMs <= state.nowMs || isStuck(state, connection),
  );
  const due = [...state.sessions.values()].filter(isDue).sort((a, b) => dueAt(a) - dueAt(b));
  state.isUnsure = due.length + gone.length > 1;
  for (const session of due) {
    if (session.endDueMs <= state.nowMs) endSession(state, session);
    else publishWill(state, session);
  }
}

/** Whether the client has taken nothing for so long that the broker may give it up. */
export function isStuck({ config, nowMs }: ModelState, { link }: ModelConnection): boolean {
  return link.unsentBytes > 0 && nowMs - link.takenAtMs >= config.writeTimeoutMs;
}

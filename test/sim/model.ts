import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import type { ConnackPacket, DisconnectPacket, Packet } from '../../src/codec/packet.ts';
import type { Garbage } from './journal.ts';
import { onAck, onPublish } from './model-acks.ts';
import { onAnswerSent, onSubscribe, onUnsubscribe } from './model-answers.ts';
import { checkStep, checkTime } from './model-check.ts';
import { ModelConnection, type ObservedLink } from './model-connection.ts';
import {
  endConnection,
  isStuck,
  nextDueMs,
  onDisconnect,
  openSession,
  oweEnd,
  passTime,
  restart,
} from './model-life.ts';
import { onPublishSent } from './model-publish.ts';
import { ModelState } from './model-state.ts';

const KEEP_ALIVE_TIMEOUT = 0x8d;
const GARBAGE_CODES = [0x81, 0x82];

/**
 * What a broker owes its clients by the standards, told from what passes at its doors: packets that
 * it is given, packets that it writes, connections that open and close, and the time. It knows
 * nothing of the broker's insides. All that it finds wrong stands in `state.findings`.
 */
export class Model {
  readonly state: ModelState;

  /** @param outlives what of its state outlives the broker. */
  constructor(config: BrokerConfig, outlives: 'nothing' | 'all' = 'nothing') {
    this.state = new ModelState(config, outlives);
  }

  onOpened(link: ObservedLink): ModelConnection {
    const connection = new ModelConnection(link, this.state.nowMs);
    this.state.connections.add(connection);
    return connection;
  }

  /** The broker is about to be given the last byte of a packet. */
  onArriving(connection: ModelConnection, packet: Packet | Garbage): void {
    const { state } = this;
    if (connection.state !== 'new' && connection.state !== 'ready') return;
    connection.lastReceivedMs = state.nowMs;
    if (packet.type === 'connect' && connection.state === 'new') {
      openSession(state, connection, packet);
    } else if (packet.type === 'garbage' || packet.type === 'connect') {
      oweEnd(connection, undefined);
      connection.owedEnd = { code: 'garbage' };
      endConnection(state, connection, true);
    } else this.#onPacket(connection, packet);
  }

  #onPacket(connection: ModelConnection, packet: Packet): void {
    const { state } = this;
    const { answers, level, session } = connection;
    if (session === undefined) return;
    switch (packet.type) {
      case 'publish':
        onPublish(state, connection, session, packet);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        onAck(connection, session, packet);
        break;
      case 'subscribe':
        answers.push(onSubscribe(state, session, packet));
        break;
      case 'unsubscribe':
        answers.push(onUnsubscribe(session, level, packet));
        break;
      case 'pingreq':
        answers.push({ type: 'pingresp' });
        break;
      case 'disconnect':
        onDisconnect(state, connection, packet);
        break;
      default:
        throw new Error(`a client of this simulation sends no ${packet.type}`);
    }
  }

  /** The broker has written a packet of so many bytes. */
  onWritten(connection: ModelConnection, packet: Packet, length: number): void {
    const { state } = this;
    const { name } = connection;
    connection.stepBytes += length;
    const type = packet.type.toUpperCase();
    const isOver = connection.state === 'closed' && !connection.wasCutOff;
    if (isOver || connection.wasGoodbyeSent) {
      state.report(`${type} to ${name}, which is over`);
    }
    if (length > connection.packetBytesMax) {
      const max = connection.packetBytesMax;
      state.report(`${type} of ${length} bytes to ${name}, which takes ${max} [MQTT-3.1.2-25]`);
    }
    if (packet.type === 'connack') this.#onConnack(connection, packet);
    else if (connection.owedConnack !== undefined || connection.session === undefined) {
      state.report(`${type} to ${name} before CONNACK [MQTT-3.2.0-1]`);
    } else if (packet.type === 'publish') onPublishSent(state, connection, packet);
    else if (packet.type === 'disconnect') this.#onGoodbye(connection, packet);
    else if (packet.type === 'pubrel' && !isOwedPubrel(connection, packet.packetId)) {
      this.#onPubrelRepeated(connection, packet.packetId);
    } else onAnswerSent(state, connection, packet);
  }

  #onConnack(connection: ModelConnection, packet: ConnackPacket): void {
    const { owedConnack } = connection;
    connection.owedConnack = undefined;
    const isRight =
      owedConnack?.isSessionPresent === packet.isSessionPresent && packet.reasonCode === 0;
    if (isRight) return;
    const said = `code ${packet.reasonCode}, session present ${packet.isSessionPresent}`;
    this.state.report(
      owedConnack === undefined
        ? `a second CONNACK to ${connection.name} [MQTT-3.2.0-2]`
        : `CONNACK to ${connection.name} says ${said} [MQTT-3.2.2-2]`,
    );
  }

  /** DISCONNECT: 5.0 alone has it from a server, and only for a reason [MQTT-3.14.0-1]. */
  #onGoodbye(connection: ModelConnection, { reasonCode }: DisconnectPacket): void {
    const { state } = this;
    connection.wasGoodbyeSent = true;
    if (connection.level !== 5) state.report(`DISCONNECT to ${connection.name}, which is older`);
    if (reasonCode === KEEP_ALIVE_TIMEOUT && connection.silentAtMs <= state.nowMs) {
      oweEnd(connection, reasonCode);
      endConnection(state, connection, true);
    }
    const code = connection.owedEnd?.code;
    const isRight = code === 'garbage' ? GARBAGE_CODES.includes(reasonCode) : code === reasonCode;
    if (!isRight) state.report(`DISCONNECT ${reasonCode} to ${connection.name}, owed is ${code}`);
  }

  /** PUBREL of a message that was not finished on the connection before this one. */
  #onPubrelRepeated(connection: ModelConnection, packetId: number): void {
    const flight = connection.session?.flights.get(packetId);
    const isRight = flight?.stage === 'pubrel' && flight.connection !== connection;
    if (!isRight) this.state.report(`PUBREL ${packetId} to ${connection.name}, which owes none`);
    else flight.connection = connection;
  }

  /** The broker closes a connection: it must have a reason. */
  onEnded(connection: ModelConnection, how: 'end' | 'destroy'): void {
    const { state } = this;
    if (connection.state === 'closed') return;
    connection.wasCutOff = how === 'destroy';
    if (connection.state !== 'ending' && !this.#mayEnd(connection, how)) {
      state.report(`${connection.name} was closed without a reason (${how})`);
    }
    const { owedConnack, owedEnd, wasGoodbyeSent } = connection;
    // DISCONNECT comes behind CONNACK, or not at all [MQTT-3.14.0-1].
    const isOwed = owedEnd?.code !== undefined && owedConnack === undefined;
    if (how === 'end' && isOwed && connection.level === 5 && !wasGoodbyeSent) {
      state.report(`${connection.name} was closed without DISCONNECT (${owedEnd.code})`);
    }
    this.#forget(connection);
  }

  #mayEnd(connection: ModelConnection, how: 'end' | 'destroy'): boolean {
    const { config, nowMs } = this.state;
    if (connection.state === 'new') return nowMs >= connection.openedMs + config.connectTimeoutMs;
    if (how === 'destroy') return isStuck(this.state, connection);
    return connection.level !== 5 && connection.silentAtMs <= nowMs;
  }

  /** The broker reads from a connection again: its silence counts from here. */
  onResumed(connection: ModelConnection): void {
    connection.lastReceivedMs = this.state.nowMs;
  }

  /** The broker is about to hear that a connection is closed. */
  onClosing(connection: ModelConnection): void {
    if (connection.state !== 'closed') this.#forget(connection);
  }

  #forget(connection: ModelConnection): void {
    const { session, state } = connection;
    // What was written in this turn is lost with it, and nobody has seen it.
    const isUnseen = state === 'ready' && this.state.outlives === 'nothing';
    if (isUnseen && session !== undefined) session.unseenMax += session.room;
    connection.state = 'closed';
    endConnection(this.state, connection, true);
    this.state.connections.delete(connection);
  }

  /** The broker was killed, and another one has taken up what was kept. */
  onRestart(nowMs: number): void {
    this.state.nowMs = nowMs;
    restart(this.state);
    passTime(this.state);
  }

  /** When something is due next; Infinity if nothing ever is. */
  get nextDueMs(): number {
    return nextDueMs(this.state);
  }

  /** The time has come to this, and the broker is about to hear of it. */
  onTime(nowMs: number): void {
    this.state.nowMs = nowMs;
    passTime(this.state);
  }

  /** The broker has done all that was due. */
  onTimeServed(): void {
    checkTime(this.state);
    this.state.isUnsure = false;
  }

  /** All that a step brings has happened. */
  endStep(): void {
    checkStep(this.state);
  }
}

function isOwedPubrel({ answers: [first] }: ModelConnection, packetId: number): boolean {
  return first?.type === 'pubrel' && first.packetId === packetId;
}

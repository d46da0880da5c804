import type { AckPacket, PublishPacket } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { REASONS, type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { type Message, messageFrom } from '../session/message.ts';
import { StorageFullError } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import type { BrokerPorts } from './broker-ports.ts';
import type { ClientSession } from './client-session.ts';
import type { Connection } from './connection.ts';
import { explain } from './explanation.ts';
import { NOT_KEPT } from './journal.ts';
import { LimitError } from './limit-error.ts';
import type { Verdict } from './message-intake.ts';
import { findPublishRefusal, type PublishRefusal, refusalText } from './publish-limits.ts';

/** A client publishes (section 3.3.4): checked, taken over, answered by its QoS. */
export function onPublish(
  connection: Connection,
  packet: PublishPacket,
  packetBytes: number,
): void {
  const { core, session } = connection;
  if (session === undefined) return;
  connection.publishedLately += packetBytes;
  session.publishRate?.onPublish(connection, packetBytes);
  checkCapabilities(connection, packet);
  const { topicAlias } = packet.properties;
  const topicName =
    topicAlias === undefined
      ? packet.topicName
      : connection.topicAliases.resolve(topicAlias, packet.topicName);
  const message = messageFrom(packet, topicName, session.clientId, core.ports.nowMs());
  const isRepeat = packet.qos === 2 && session.inbound.isHeld(packet.packetId ?? 0);
  // What was taken once is not refused when it comes again [MQTT-4.3.3-10].
  const refusal = isRepeat ? undefined : findPublishRefusal(message, core);
  if (core.ports.logsDebug) logPublish(core.ports, message, refusal);
  const { packetId } = packet;
  if (isRepeat && !packet.isDuplicate) noteReuse(connection, packet);
  if (refusal !== undefined) noteRefusal(connection, refusal, message);
  if (packetId === undefined) onQos0(connection, message, refusal);
  else if (refusal?.before5 === 'closes' && connection.level !== 5) {
    throw limitError(core, refusal, message);
  } else if (packet.qos === 1) onQos1(connection, packetId, { session, message, refusal });
  else onQos2(connection, packetId, { session, message, refusal });
}

/** @throws ProtocolError for what CONNACK has said is not to be had here. */
function checkCapabilities({ core, level }: Connection, { isRetained, qos }: PublishPacket): void {
  const { maximumQos, retainAvailable } = core.config;
  if (qos > maximumQos) {
    const message = `QoS ${qos}, where ${maximumQos} is the highest`;
    throw new ProtocolError('above-limit', message, { level, offset: 0, subjects: ['qos'] });
  }
  if (!isRetained || retainAvailable === 1) return;
  const message = 'a message to be retained, where none are';
  throw new ProtocolError('above-limit', message, { level, offset: 0, subjects: ['retain'] });
}

/** For `-v`. */
function logPublish(
  ports: BrokerPorts,
  { isRetained, payload, publisher, qos, topicName }: Message,
  refusal: PublishRefusal | undefined,
): void {
  const fields = {
    client: publisher,
    topic: topicName,
    qos,
    retain: isRetained ? 1 : 0,
    length: payload.length,
    refused: refusal === undefined ? undefined : REASONS[refusal.reason].title,
  };
  ports.log({ level: 'debug', event: 'publish', fields });
}

/** PUBREL (section 3.6): the message was passed on at once, so that only its id is left to free. */
export function onPubrel(connection: Connection, { packetId }: AckPacket): void {
  const { core, session } = connection;
  if (session === undefined) return;
  const wasHeld = session.inbound.onPubrel(packetId);
  const response = connection.responses.begin();
  const complete = (): void => {
    const answer = wasHeld ? SUCCESS : notFound(packetId);
    connection.responses.settle(response, () => ack(connection, 'pubcomp', packetId, answer));
  };
  if (wasHeld)
    core.journal.markThen(connection, session, { event: 'released', packetId }, complete);
  else complete();
}

interface Judged {
  readonly session: ClientSession;
  readonly message: Message;
  readonly refusal: PublishRefusal | undefined;
}

/** What an ack says, and why where that is a refusal. */
interface Answer {
  readonly reason: ReasonName;
  readonly message?: string;
}

const SUCCESS: Answer = { reason: 'success' };
const NO_SUBSCRIBERS: Answer = { reason: 'noMatchingSubscribers' };

function notFound(packetId: number): Answer {
  const message = `no QoS 2 message with packet id ${packetId} waits for PUBREL`;
  return { reason: 'packetIdentifierNotFound', message };
}

function inUse(packetId: number): Answer {
  const message = `packet id ${packetId} is that of a QoS 2 message without its PUBREL`;
  return { reason: 'packetIdentifierInUse', message };
}

/** No ack can say no. */
function onQos0(
  connection: Connection,
  message: Message,
  refusal: PublishRefusal | undefined,
): void {
  const { core } = connection;
  if (refusal === undefined) core.publish(message, connection);
  else if (refusal.atQos0 === 'closes') throw limitError(core, refusal, message);
  else if (refusal.atQos0 === 'notRetained') {
    core.publish({ ...message, isPassing: true }, connection);
  }
}

function onQos1(connection: Connection, packetId: number, judged: Judged): void {
  const { message, refusal, session } = judged;
  const isTaken = connection.level === 5 && session.inbound.isInUse(packetId);
  session.inbound.openQos1({ side: 'client', level: connection.level });
  const response = connection.responses.begin();
  const settle = (answer: Answer): void =>
    connection.responses.settle(response, () => {
      session.inbound.closeQos1();
      ack(connection, 'puback', packetId, answer);
    });
  if (isTaken) settle(inUse(packetId));
  else if (refusal !== undefined) settle(refused(connection, refusal, message));
  else connection.core.publish(message, connection, onTaken(connection, settle));
}

function onQos2(connection: Connection, packetId: number, judged: Judged): void {
  const { message, refusal, session } = judged;
  const { journal } = connection.core;
  const received = session.inbound.onQos2(packetId, { side: 'client', level: connection.level });
  const response = connection.responses.begin();
  const settle = (answer: Answer): void =>
    connection.responses.settle(response, () => ack(connection, 'pubrec', packetId, answer));
  const onDone = onTaken(connection, settle);
  const free = (): void => session.inbound.refuse(packetId);
  if (received === 'repeat') session.intake.join(packetId, onDone);
  else if (refusal === undefined) {
    const onSafe = session.intake.begin(packetId, onDone, () => {
      free();
      journal.mark(session, 'released', packetId);
    });
    // In one turn with the message: the backend keeps both, or neither.
    journal.mark(session, 'held', packetId);
    connection.core.publish(message, connection, onSafe);
  } else {
    if (connection.level === 5) free();
    else journal.mark(session, 'held', packetId);
    settle(refused(connection, refusal, message));
  }
}

/** The message is safe: answers it, and says if nobody wants it. */
function onTaken(connection: Connection, settle: (answer: Answer) => void): Verdict {
  return (error, isMatched) => {
    connection.guard(() => {
      const isRefused = error instanceof StorageFullError && connection.level === 5;
      if (isRefused) settle({ reason: 'quotaExceeded', message: NOT_KEPT });
      else if (error !== undefined) connection.core.journal.fail(connection, error);
      else settle(isMatched ? SUCCESS : NO_SUBSCRIBERS);
    });
  };
}

/** Before 5.0 an ack says nothing but that it is one. */
function ack(
  connection: Connection,
  type: AckPacket['type'],
  packetId: number,
  { message, reason }: Answer,
): void {
  const code = connection.level === 5 ? reasonCode(reason) : 0;
  const properties = message === undefined ? NO_PROPERTIES : explain(connection, message);
  connection.reply({ type, packetId, reasonCode: code, properties });
}

function refused({ core }: Connection, refusal: PublishRefusal, { topicName }: Message): Answer {
  return { reason: refusal.reason, message: refusalText(refusal, topicName, core.config) };
}

/**
 * A QoS 2 message comes with the id of another that is not finished, and does not say that it is
 * the same again. It is answered as if it were [MQTT-4.3.3-10], and lost if it is not.
 */
function noteReuse({ limitLog }: Connection, { packetId }: PublishPacket): void {
  const message = `QoS 2 with packet id ${packetId} came again before PUBREL, and without DUP`;
  const next = 'the client uses an id anew before PUBCOMP: only its first message was taken';
  limitLog.note({ event: 'qos2_id_reuse', message, next });
}

/** One line for what is dropped or refused in an ack; who is disconnected for it has its own. */
function noteRefusal(connection: Connection, refusal: PublishRefusal, message: Message): void {
  const { core, level } = connection;
  core.counters.messagesRefused += 1;
  const isQos0 = message.qos === 0;
  if (isQos0 ? refusal.atQos0 === 'closes' : refusal.before5 === 'closes' && level !== 5) return;
  const { limit, reason } = refusal;
  const event = limit === undefined ? 'publish_denied' : 'limit_reached';
  const text = refusalText(refusal, message.topicName, core.config);
  connection.limitLog.note({ event, reason, limit, message: text });
}

function limitError(
  { config }: BrokerCore,
  refusal: PublishRefusal,
  { topicName }: Message,
): LimitError {
  return new LimitError(refusal.reason, refusalText(refusal, topicName, config), refusal.limit);
}

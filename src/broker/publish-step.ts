import type { AckPacket, PublishPacket } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { REASONS, type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { type Message, messageFrom } from '../session/message.ts';
import { slashCount } from '../topic/topic-name.ts';
import type { BrokerPorts } from './broker-ports.ts';
import type { ClientSession } from './client-session.ts';
import type { Connection } from './connection.ts';
import { isReservedTopic } from './reserved-topic.ts';

/** Bytes of topic text that one connection may keep under aliases. */
const ALIAS_BYTES_MAX = 65_536;

/** A client publishes (section 3.3.4): checked, taken over, answered by its QoS. */
export function onPublish(connection: Connection, packet: PublishPacket): void {
  const { core, session } = connection;
  if (session === undefined) return;
  const topicName = resolveAlias(connection, packet);
  const refusal = findRefusal(connection, packet, topicName);
  const nowMs = core.ports.nowMs();
  const message = messageFrom(packet, topicName, session.clientId, nowMs);
  if (core.ports.logsDebug) logPublish(core.ports, message, refusal);
  if (refusal !== undefined && connection.level !== 5 && refusal !== 'notAuthorized') {
    // No ack before 5.0 can say no: one that says yes would lose the message silently.
    endForRefusal(connection, refusal, message);
  } else if (packet.packetId === undefined) {
    if (refusal === undefined) core.publish(message, connection);
    else refuseQos0(connection, refusal, message);
  } else if (packet.qos === 1) {
    onQos1(connection, session, packet.packetId, { message, refusal });
  } else {
    onQos2(connection, session, packet.packetId, { message, refusal });
  }
}

/** For `-v`. */
function logPublish(
  ports: BrokerPorts,
  { isRetained, payload, publisher, qos, topicName }: Message,
  refusal: ReasonName | undefined,
): void {
  const fields = {
    client: publisher,
    topic: topicName,
    qos,
    retain: isRetained ? 1 : 0,
    length: payload.length,
    refused: refusal === undefined ? undefined : REASONS[refusal].title,
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
    const reason = wasHeld ? 'success' : 'packetIdentifierNotFound';
    connection.responses.settle(response, () => ack(connection, 'pubcomp', packetId, reason));
  };
  if (wasHeld) core.markThen(session, { event: 'released', packetId }, complete);
  else complete();
}

interface Judged {
  readonly message: Message;
  readonly refusal: ReasonName | undefined;
}

function onQos1(
  connection: Connection,
  session: ClientSession,
  packetId: number,
  { message, refusal }: Judged,
): void {
  session.inbound.openQos1({ side: 'client', level: connection.level });
  const response = connection.responses.begin();
  const settle = (reason: ReasonName): void =>
    connection.responses.settle(response, () => {
      session.inbound.closeQos1();
      ack(connection, 'puback', packetId, reason);
    });
  if (refusal !== undefined) settle(refusal);
  else connection.core.publish(message, connection, onTaken(connection, settle));
}

function onQos2(
  connection: Connection,
  session: ClientSession,
  packetId: number,
  { message, refusal }: Judged,
): void {
  const received = session.inbound.onQos2(packetId, { side: 'client', level: connection.level });
  const response = connection.responses.begin();
  const settle = (reason: ReasonName): void =>
    connection.responses.settle(response, () => ack(connection, 'pubrec', packetId, reason));
  if (received === 'repeat') settle('success');
  else if (refusal === undefined) {
    connection.core.publish(message, connection, onTaken(connection, settle));
  } else {
    if (connection.level === 5) session.inbound.refuse(packetId);
    settle(refusal);
  }
}

/** The message is safe: answers it, and says if nobody wants it. */
function onTaken(
  connection: Connection,
  settle: (reason: ReasonName) => void,
): (error: Error | undefined, isMatched: boolean) => void {
  return (error, isMatched) => {
    if (error !== undefined) connection.core.failConnection(connection, error);
    else settle(isMatched ? 'success' : 'noMatchingSubscribers');
  };
}

/** Before 5.0 an ack says nothing but that it is one. */
function ack(
  connection: Connection,
  type: AckPacket['type'],
  packetId: number,
  reason: ReasonName,
): void {
  if (!connection.isOpen) return;
  const code = connection.level === 5 ? reasonCode(reason) : 0;
  connection.send({ type, packetId, reasonCode: code, properties: NO_PROPERTIES });
}

/** The topic that the packet means (section 3.3.2.3.4). */
function resolveAlias(connection: Connection, packet: PublishPacket): string {
  const { topicAlias } = packet.properties;
  if (topicAlias === undefined) return packet.topicName;
  const { level } = connection;
  const { topicAliasMaximum } = connection.core.config;
  if (topicAlias > topicAliasMaximum) {
    const message = `topic alias ${topicAlias} is above ${topicAliasMaximum}`;
    throw new ProtocolError('alias-too-high', message, { level, subjects: ['client'] });
  }
  if (packet.topicName !== '') return setAlias(connection, topicAlias, packet.topicName);
  const topicName = connection.topicAliases?.get(topicAlias);
  if (topicName !== undefined) return topicName;
  const message = `topic alias ${topicAlias} has not been set on this connection`;
  throw new ProtocolError('alias-unknown', message, { level });
}

function setAlias(connection: Connection, alias: number, topicName: string): string {
  connection.topicAliases ??= new Map();
  connection.topicAliases.set(alias, topicName);
  let bytes = 0;
  for (const text of connection.topicAliases.values()) bytes += text.length * 2;
  if (bytes > ALIAS_BYTES_MAX) {
    const message = `topics under aliases take more than ${ALIAS_BYTES_MAX} bytes`;
    connection.end({ by: 'server', reason: 'quotaExceeded', message, keepsWill: true });
  }
  return topicName;
}

/** Why this broker does not take the message, although the standard would let it. */
function findRefusal(
  { core }: Connection,
  packet: PublishPacket,
  topicName: string,
): ReasonName | undefined {
  if (isReservedTopic(topicName)) return 'notAuthorized';
  if (slashCount(topicName) > core.config.topicSlashesMax) return 'topicNameInvalid';
  if (!packet.isRetained) return undefined;
  const message = messageFrom(packet, topicName, '', 0);
  return core.router.hasRoomToRetain(message) ? undefined : 'quotaExceeded';
}

/** No ack can say it: the broker's own topics are dropped, a full store only keeps nothing. */
function refuseQos0(connection: Connection, reason: ReasonName, message: Message): void {
  if (reason === 'notAuthorized') return;
  if (reason === 'quotaExceeded') {
    connection.core.publish({ ...message, isRetained: false }, connection);
    return;
  }
  endForRefusal(connection, reason, message);
}

function endForRefusal(connection: Connection, reason: ReasonName, { topicName }: Message): void {
  const topic = JSON.stringify(topicName.slice(0, 80));
  const isTopic = reason === 'topicNameInvalid';
  const what = isTopic ? `topic ${topic} has too many levels` : `no room to retain ${topic}`;
  connection.end({ by: 'server', reason, message: what, keepsWill: true });
}

import type { AckPacket, PublishPacket } from '../../src/codec/packet.ts';
import type { Answer, ModelConnection } from './model-connection.ts';
import { modelMessage } from './model-message.ts';
import { publish } from './model-routing.ts';
import type { ModelSession } from './model-session.ts';
import type { ModelState } from './model-state.ts';

const SUCCESS = 0x00;
const NO_MATCHING_SUBSCRIBERS = 0x10;
const FAILURE = 0x80;
const NOT_FOUND = 0x92;

/** A client publishes: passed on unless it is a QoS 2 message that has come before. */
export function onPublish(
  state: ModelState,
  connection: ModelConnection,
  session: ModelSession,
  packet: PublishPacket,
): void {
  const { packetId = 0, properties, qos } = packet;
  const { clientAliases } = connection;
  const { topicAlias = 0 } = properties;
  if (topicAlias > 0 && packet.topicName !== '') clientAliases.set(topicAlias, packet.topicName);
  const topicName = packet.topicName || (clientAliases.get(topicAlias) ?? '');
  if (qos === 2 && session.held.has(packetId)) {
    connection.answers.push(answer(connection, 'pubrec', packetId, SUCCESS));
    return;
  }
  const message = modelMessage({ ...packet, topicName }, session.clientId, state.nowMs);
  const isMatched = publish(state, message);
  if (qos === 0) return;
  if (qos === 2) session.held.add(packetId);
  const code = isMatched ? SUCCESS : NO_MATCHING_SUBSCRIBERS;
  const type = qos === 1 ? 'puback' : 'pubrec';
  connection.answers.push(answer(connection, type, packetId, code));
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP of a client. */
export function onAck(
  connection: ModelConnection,
  session: ModelSession,
  { packetId, reasonCode, type }: AckPacket,
): void {
  if (type === 'pubrel') {
    const code = session.held.delete(packetId) ? SUCCESS : NOT_FOUND;
    connection.answers.push(answer(connection, 'pubcomp', packetId, code));
    return;
  }
  const flight = session.flights.get(packetId);
  if (type !== 'pubrec' || (flight?.stage === 'publish' && reasonCode >= FAILURE)) {
    session.flights.delete(packetId);
    return;
  }
  const code = flight === undefined ? NOT_FOUND : SUCCESS;
  connection.answers.push(answer(connection, 'pubrel', packetId, code));
  if (flight === undefined) return;
  flight.stage = 'pubrel';
  flight.connection = connection;
}

/** Before 5.0 an ack says nothing but that it is one. */
function answer(
  { level }: ModelConnection,
  type: Answer['type'],
  packetId: number,
  code: number,
): Answer {
  return { type, packetId, codes: [level === 5 ? code : SUCCESS] };
}

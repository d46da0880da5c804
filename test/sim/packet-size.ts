import { Buffer } from 'node:buffer';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import type { ModelConnection } from './model-connection.ts';
import type { Due } from './model-message.ts';

const writer = new PacketWriter();

/** Whether a message is within what the client takes, sent without an alias [MQTT-3.1.2-25]. */
export function fits(due: Due, { level, packetBytesMax }: ModelConnection): boolean {
  if (packetBytesMax === Number.POSITIVE_INFINITY) return true;
  const { expiresAtMs, properties, text, topicName } = due.message;
  const { identifiers, qos } = due;
  const isExpiring = expiresAtMs < Number.POSITIVE_INFINITY;
  const packet: PublishPacket = {
    type: 'publish',
    qos,
    isDuplicate: false,
    isRetained: false,
    topicName,
    packetId: qos === 0 ? undefined : 1,
    properties: {
      ...(identifiers.length > 0 ? { subscriptionIdentifier: identifiers } : {}),
      ...(isExpiring ? { messageExpiryInterval: 1 } : {}),
      ...properties,
    },
    payload: Buffer.from(text, 'latin1'),
  };
  return (
    writePacket(writer, level === 5 ? packet : { ...packet, properties: {} }, level).length <=
    packetBytesMax
  );
}

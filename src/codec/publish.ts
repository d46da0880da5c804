import type { Buffer } from 'node:buffer';
import type { ProtocolLevel, PublishPacket, QoS } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { PACKET_TYPES } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { readTopicName, requireTopicName } from './topic-grammar.ts';
import { UnsendableError } from './unsendable-error.ts';

const TYPE_PUBLISH = PACKET_TYPES.publish.code << 4;
const FLAG_RETAIN = 0b0001;
const FLAG_DUP = 0b1000;

/** The three flags of a PUBLISH's first byte (section 3.3.1). */
export interface PublishFlags {
  readonly isDuplicate: boolean;
  readonly qos: QoS;
  readonly isRetained: boolean;
}

/** Reads the flags from the first byte, which was read last. */
export function readPublishFlags(r: PacketReader): PublishFlags {
  const at = r.position - 1;
  const isDuplicate = r.bits('dup', 3, 3) === 1;
  const qos = r.bits('qos', 2, 1);
  const isRetained = r.bits('retain', 0, 0) === 1;
  if (qos === 3) r.refuse('qos-3', 'both QoS bits are set (QoS 3)', { at });
  if (qos === 0 && isDuplicate) r.refuse('dup-qos-0', 'DUP is set at QoS 0', { at });
  return { isDuplicate, qos: qos as QoS, isRetained };
}

/** Reads PUBLISH behind its fixed header (section 3.3). */
export function readPublish(r: PacketReader, flags: PublishFlags): PublishPacket {
  const { isDuplicate, isRetained, qos } = flags;
  const topicAt = r.position;
  const topicName = readTopicName(r, 'topicName', r.level === 5 ? 'mayBeEmpty' : 'notEmpty');
  const packetId = qos === 0 ? undefined : r.packetId();
  const properties = readProperties(r, 'publish');
  if (topicName === '' && r.level === 5 && properties.topicAlias === undefined) {
    r.refuse('topic-empty', 'topicName is empty, and no alias stands in for it', { at: topicAt });
  }
  const payload = r.rest('payload');
  return {
    type: 'publish',
    qos,
    isDuplicate,
    isRetained,
    topicName,
    packetId,
    properties,
    payload,
  };
}

/** Writes PUBLISH (section 3.3): a view, good until `w` writes again. */
export function writePublish(w: PacketWriter, packet: PublishPacket, level: ProtocolLevel): Buffer {
  const { packetId, properties, qos, topicName } = packet;
  requireSendable(packet);
  w.begin();
  w.utf8('topicName', topicName);
  if (packetId !== undefined) w.packetId(packetId);
  writeProperties(w, 'publish', properties, level);
  w.raw(packet.payload);
  const duplicate = packet.isDuplicate ? FLAG_DUP : 0;
  const retain = packet.isRetained ? FLAG_RETAIN : 0;
  return w.end(TYPE_PUBLISH | duplicate | (qos << 1) | retain);
}

function requireSendable(packet: PublishPacket): void {
  const { packetId, properties, qos, topicName } = packet;
  if ((packetId === undefined) !== (qos === 0)) {
    throw new UnsendableError('a packet id goes with QoS 1 and 2 alone [MQTT-2.2.1-2]');
  }
  if (packet.isDuplicate && qos === 0) throw new UnsendableError('DUP at QoS 0 [MQTT-3.3.1-2]');
  if (topicName !== '' || properties.topicAlias === undefined) {
    requireTopicName('topicName', topicName);
  }
}

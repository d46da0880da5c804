import type { Buffer } from 'node:buffer';
import type { ProtocolLevel, UnsubackPacket, UnsubscribePacket } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { readReasonCode, requireReasonCode } from './reason-code-field.ts';
import { readTopicFilter, requireTopicFilter } from './topic-grammar.ts';
import { UnsendableError } from './unsendable-error.ts';

/** Reads UNSUBSCRIBE (section 3.10). */
export function readUnsubscribe(r: PacketReader): UnsubscribePacket {
  const packetId = r.packetId();
  const properties = readProperties(r, 'unsubscribe');
  const topicFilters: string[] = [];
  if (r.remaining === 0) {
    r.refuse('no-filters', 'UNSUBSCRIBE without a topic filter', { subjects: ['unsubscribe'] });
  }
  while (r.remaining > 0) {
    r.enter(`filters[${topicFilters.length}]`);
    topicFilters.push(readTopicFilter(r));
    r.leave();
  }
  return { type: 'unsubscribe', packetId, properties, topicFilters };
}

/** Writes UNSUBSCRIBE (section 3.10): a view, good until `w` writes again. */
export function writeUnsubscribe(
  w: PacketWriter,
  packet: UnsubscribePacket,
  level: ProtocolLevel,
): Buffer {
  if (packet.topicFilters.length === 0) {
    throw new UnsendableError('UNSUBSCRIBE without a topic filter [MQTT-3.10.3-2]');
  }
  w.begin();
  w.packetId(packet.packetId);
  writeProperties(w, 'unsubscribe', packet.properties, level);
  for (const filter of packet.topicFilters) {
    requireTopicFilter('topicFilter', filter, level);
    w.utf8('topicFilter', filter);
  }
  return w.end(firstByteOf('unsubscribe'));
}

/** Reads UNSUBACK (section 3.11): before 5.0 it has no codes. */
export function readUnsuback(r: PacketReader): UnsubackPacket {
  const packetId = r.packetId();
  const properties = readProperties(r, 'unsuback');
  const reasonCodes: number[] = [];
  if (r.level === 5 && r.remaining === 0) {
    r.refuse('ack-count', 'UNSUBACK without a reason code', { subjects: ['unsuback'] });
  }
  while (r.level === 5 && r.remaining > 0) reasonCodes.push(readReasonCode(r, 'unsuback'));
  return { type: 'unsuback', packetId, properties, reasonCodes };
}

/** Writes UNSUBACK (section 3.11): a view, good until `w` writes again. */
export function writeUnsuback(
  w: PacketWriter,
  packet: UnsubackPacket,
  level: ProtocolLevel,
): Buffer {
  const isVersion5 = level === 5;
  if (isVersion5 !== packet.reasonCodes.length > 0) {
    throw new UnsendableError('UNSUBACK has reason codes in MQTT 5.0 alone [MQTT-3.11.3-2]');
  }
  w.begin();
  w.packetId(packet.packetId);
  writeProperties(w, 'unsuback', packet.properties, level);
  for (const code of packet.reasonCodes) {
    requireReasonCode('unsuback', code);
    w.u8('reasonCode', code);
  }
  return w.end(firstByteOf('unsuback'));
}

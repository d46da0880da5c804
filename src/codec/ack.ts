import type { Buffer } from 'node:buffer';
import type { AckPacket, ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { NO_PROPERTIES } from './properties.ts';
import { hasProperties, readProperties, writeProperties } from './property-section.ts';
import { readReasonCode, requireReasonCode } from './reason-code-field.ts';
import { UnsendableError } from './unsendable-error.ts';

/**
 * Reads PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7). In 5.0 two bytes mean Success,
 * three a code without properties.
 */
export function readAck(r: PacketReader, type: AckPacket['type']): AckPacket {
  const packetId = r.packetId();
  const isShort = r.level !== 5 || r.remaining === 0;
  const reasonCode = isShort ? 0 : readReasonCode(r, type);
  const properties = r.level === 5 && r.remaining > 0 ? readProperties(r, type) : NO_PROPERTIES;
  return { type, packetId, reasonCode, properties };
}

/** Writes an ack in the shortest form that says it: a view, good until `w` writes again. */
export function writeAck(w: PacketWriter, packet: AckPacket, level: ProtocolLevel): Buffer {
  const { properties, reasonCode, type } = packet;
  const isLong = hasProperties(properties);
  if (level !== 5 && (isLong || reasonCode !== 0)) {
    throw new UnsendableError(`only MQTT 5.0 has a reason code in ${type.toUpperCase()}`);
  }
  requireReasonCode(type, reasonCode);
  w.begin();
  w.packetId(packet.packetId);
  if (reasonCode !== 0 || isLong) w.u8('reasonCode', reasonCode);
  if (isLong) writeProperties(w, type, properties, level);
  return w.end(firstByteOf(type));
}

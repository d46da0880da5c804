import type { Buffer } from 'node:buffer';
import type { AuthPacket, DisconnectPacket, ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { NO_PROPERTIES, type PropertiesOf } from './properties.ts';
import { hasProperties, readProperties, writeProperties } from './property-section.ts';
import { readReasonCode, requireReasonCode } from './reason-code-field.ts';
import { UnsendableError } from './unsendable-error.ts';

/** Reads DISCONNECT (section 3.14): in 5.0 an empty one means 0x00, one byte a code alone. */
export function readDisconnect(r: PacketReader): DisconnectPacket {
  const isShort = r.level !== 5 || r.remaining === 0;
  const reasonCode = isShort ? 0 : readReasonCode(r, 'disconnect');
  const hasMore = r.level === 5 && r.remaining > 0;
  const properties = hasMore ? readProperties(r, 'disconnect') : NO_PROPERTIES;
  return { type: 'disconnect', reasonCode, properties };
}

/** Writes DISCONNECT in its shortest form: a view, good until `w` writes again. */
export function writeDisconnect(
  w: PacketWriter,
  packet: DisconnectPacket,
  level: ProtocolLevel,
): Buffer {
  const { properties, reasonCode } = packet;
  const isLong = hasProperties(properties);
  if (level !== 5 && (isLong || reasonCode !== 0)) {
    throw new UnsendableError('only MQTT 5.0 has a reason code in DISCONNECT');
  }
  requireReasonCode('disconnect', reasonCode);
  w.begin();
  if (reasonCode !== 0 || isLong) w.u8('reasonCode', reasonCode);
  if (isLong) writeProperties(w, 'disconnect', properties, level);
  return w.end(firstByteOf('disconnect'));
}

/** Reads AUTH (section 3.15). Without a method it is none, which forbids its empty form too. */
export function readAuth(r: PacketReader): AuthPacket {
  const at = r.position;
  const reasonCode = r.remaining === 0 ? 0 : readReasonCode(r, 'auth');
  const isShort = r.remaining === 0;
  const properties: PropertiesOf<'auth'> = isShort ? NO_PROPERTIES : readProperties(r, 'auth');
  if (properties.authenticationMethod === undefined) {
    r.refuse('auth-method', 'AUTH without an authentication method', { at, subjects: ['auth'] });
  }
  return { type: 'auth', reasonCode, properties };
}

/** Writes AUTH (section 3.15): a view, good until `w` writes again. */
export function writeAuth(w: PacketWriter, packet: AuthPacket, level: ProtocolLevel): Buffer {
  if (level !== 5) throw new UnsendableError('only MQTT 5.0 has AUTH');
  if (packet.properties.authenticationMethod === undefined) {
    throw new UnsendableError('AUTH without an authentication method [MQTT-4.12.0-5]');
  }
  requireReasonCode('auth', packet.reasonCode);
  w.begin();
  w.u8('reasonCode', packet.reasonCode);
  writeProperties(w, 'auth', packet.properties, level);
  return w.end(firstByteOf('auth'));
}

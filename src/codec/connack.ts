import type { Buffer } from 'node:buffer';
import type { ConnackPacket, ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { findReason, RETURN_CODES } from './reason-code.ts';
import { UnsendableError } from './unsendable-error.ts';

/** Reads CONNACK (section 3.2). */
export function readConnack(r: PacketReader): ConnackPacket {
  const flagsAt = r.position;
  r.u8('connectAcknowledgeFlags');
  r.enter('connectAcknowledgeFlags');
  const reserved = r.bits('reserved', 7, 1);
  const sessionPresent = r.bits('sessionPresent', 0, 0);
  r.leave();
  // In 3.1 the whole byte is the "Topic Name Compression Response", to be ignored [V31-15].
  const isSessionPresent = sessionPresent === 1 && r.level !== 3;
  if (reserved !== 0 && r.level !== 3) {
    r.refuse('connack-flags', 'reserved connect acknowledge flags are set', { at: flagsAt });
  }
  const at = r.position;
  const reasonCode = r.u8('reasonCode');
  if (!isKnown(reasonCode, r.level)) {
    r.refuse('reason-code', `${reasonCode} is no code of CONNACK`, { at, subjects: ['connack'] });
  }
  if (isSessionPresent && reasonCode !== 0) {
    r.refuse('session-present', 'a session is present in a refusal', { at: flagsAt });
  }
  return {
    type: 'connack',
    isSessionPresent,
    reasonCode,
    properties: readProperties(r, 'connack'),
  };
}

/** Writes CONNACK (section 3.2): a view, good until `w` writes again. */
export function writeConnack(w: PacketWriter, packet: ConnackPacket, level: ProtocolLevel): Buffer {
  const { isSessionPresent, reasonCode } = packet;
  if (!isKnown(reasonCode, level)) {
    throw new UnsendableError(`${reasonCode} is no code of CONNACK [MQTT-3.2.2-8]`);
  }
  if (isSessionPresent && reasonCode !== 0) {
    throw new UnsendableError('a session is present in a refusal [MQTT-3.2.2-6]');
  }
  w.begin();
  w.u8('connectAcknowledgeFlags', isSessionPresent && level !== 3 ? 1 : 0);
  w.u8('reasonCode', reasonCode);
  writeProperties(w, 'connack', packet.properties, level);
  return w.end(firstByteOf('connack'));
}

function isKnown(code: number, level: ProtocolLevel): boolean {
  return level === 5 ? findReason('connack', code) !== undefined : code < RETURN_CODES.length;
}

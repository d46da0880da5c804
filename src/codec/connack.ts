import type { Buffer } from 'node:buffer';
import type { ConnackPacket, ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { findReason, RETURN_CODES, reasonCode } from './reason-code.ts';
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
  const code = r.u8('reasonCode');
  if (!isKnown(code, r.level)) {
    r.refuse('reason-code', `${code} is no code of CONNACK`, { at, subjects: ['connack'] });
  }
  if (isSessionPresent && code !== 0) {
    r.refuse('session-present', 'a session is present in a refusal', { at: flagsAt });
  }
  return {
    type: 'connack',
    isSessionPresent,
    reasonCode: code,
    properties: readProperties(r, 'connack'),
  };
}

/** Writes CONNACK (section 3.2): a view, good until `w` writes again. */
export function writeConnack(w: PacketWriter, packet: ConnackPacket, level: ProtocolLevel): Buffer {
  const { isSessionPresent, reasonCode: code } = packet;
  if (!isKnown(code, level)) {
    throw new UnsendableError(`${code} is no code of CONNACK [MQTT-3.2.2-8]`);
  }
  if (isSessionPresent && code !== 0) {
    throw new UnsendableError('a session is present in a refusal [MQTT-3.2.2-6]');
  }
  w.begin();
  w.u8('connectAcknowledgeFlags', isSessionPresent && level !== 3 ? 1 : 0);
  w.u8('reasonCode', code);
  writeProperties(w, 'connack', packet.properties, level);
  return w.end(firstByteOf('connack'));
}

/** The same, with a reason code of 5.0 for a return code of `level`: 0x87 for 5. */
export function connackInTodaysCode(packet: ConnackPacket, level: ProtocolLevel): ConnackPacket {
  const row = level === 5 ? undefined : RETURN_CODES[packet.reasonCode];
  return row === undefined ? packet : { ...packet, reasonCode: reasonCode(row.reason) };
}

function isKnown(code: number, level: ProtocolLevel): boolean {
  return level === 5 ? findReason('connack', code) !== undefined : code < RETURN_CODES.length;
}

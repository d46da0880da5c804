import type { Buffer } from 'node:buffer';
import type { ProtocolLevel, SubackPacket } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { readReasonCode, requireReasonCode } from './reason-code-field.ts';
import { UnsendableError } from './unsendable-error.ts';

/** SUBACK before 5.0 knows the granted QoS and, from 3.1.1 on, one failure (section 3.9.3). */
const FAILURE = 0x80;

/** Reads SUBACK (section 3.9). */
export function readSuback(r: PacketReader): SubackPacket {
  const packetId = r.packetId();
  const properties = readProperties(r, 'suback');
  const reasonCodes: number[] = [];
  if (r.remaining === 0) {
    r.refuse('ack-count', 'SUBACK without a reason code', { subjects: ['suback'] });
  }
  while (r.remaining > 0) reasonCodes.push(readCode(r));
  return { type: 'suback', packetId, properties, reasonCodes };
}

/** Writes SUBACK (section 3.9): a view, good until `w` writes again. */
export function writeSuback(w: PacketWriter, packet: SubackPacket, level: ProtocolLevel): Buffer {
  if (packet.reasonCodes.length === 0) {
    throw new UnsendableError('SUBACK without a reason code [MQTT-3.8.4-6]');
  }
  w.begin();
  w.packetId(packet.packetId);
  writeProperties(w, 'suback', packet.properties, level);
  for (const code of packet.reasonCodes) {
    if (level === 5) requireReasonCode('suback', code);
    else if (!isReturnCode(code, level)) {
      throw new UnsendableError(`0x${code.toString(16)} is no return code of SUBACK [311:3.9.3-2]`);
    }
    w.u8('reasonCode', code);
  }
  return w.end(firstByteOf('suback'));
}

function readCode(r: PacketReader): number {
  if (r.level === 5) return readReasonCode(r, 'suback');
  const at = r.position;
  const code = r.u8('reasonCode');
  if (!isReturnCode(code, r.level)) {
    const message = `0x${code.toString(16)} is no return code of SUBACK`;
    r.refuse('reason-code', message, { at, subjects: ['suback'] });
  }
  return code;
}

function isReturnCode(code: number, level: ProtocolLevel): boolean {
  return code <= 2 || (code === FAILURE && level !== 3);
}

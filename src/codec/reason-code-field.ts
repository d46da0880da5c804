import { hexByte } from '../base/hex-byte.ts';
import type { PacketReader } from './packet-reader.ts';
import type { PacketName } from './packet-type.ts';
import { findReason, maySendReason, reasonTitle } from './reason-code.ts';
import { UnsendableError } from './unsendable-error.ts';

/** Reads a Reason Code of MQTT 5.0 that this packet may carry from this side (section 2.4). */
export function readReasonCode(r: PacketReader, packet: PacketName): number {
  const at = r.position;
  const code = r.u8('reasonCode');
  if (maySendReason(packet, code, r.sender)) return code;
  const name = packet.toUpperCase();
  const isKnown = findReason(packet, code) !== undefined;
  const title = reasonTitle(packet, code);
  const message = isKnown
    ? `${name} with ${hexByte(code)} (${title}) is not for a ${r.sender} to send`
    : `${hexByte(code)} is no reason code of ${name}`;
  r.refuse('reason-code', message, { at, subjects: [packet] });
  return code;
}

/** @throws UnsendableError if the packet may not carry the code. */
export function requireReasonCode(packet: PacketName, code: number): void {
  if (findReason(packet, code) !== undefined) return;
  throw new UnsendableError(`${hexByte(code)} is no reason code of ${packet.toUpperCase()}`);
}

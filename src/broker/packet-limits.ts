import { hexByte } from '../base/hex-byte.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { PACKET_TYPES, type PacketName, packetNameOf } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { BrokerConfig } from './broker-config.ts';
import { LimitError } from './limit-error.ts';
import { foreignProtocol } from './next-step.ts';

/** Nobody needs more of these; of PUBLISH and CONNECT the configuration says how large they are. */
const BYTES_MAX: { readonly [P in PacketName]?: number } = {
  puback: 10_000,
  pubrec: 10_000,
  pubrel: 10_000,
  pubcomp: 10_000,
  subscribe: 100_000,
  unsubscribe: 100_000,
  disconnect: 10_000,
  auth: 100_000,
};

/**
 * Judges a packet by its fixed header, before memory is spent on the rest.
 *
 * @throws ProtocolError for what no client may send, and for more than was announced to it.
 * @throws LimitError for a packet that is larger than its kind need be.
 */
export function checkHeader(
  firstByte: number,
  packetBytes: number,
  level: ProtocolLevel,
  { packetBytesMax }: BrokerConfig,
): void {
  const name = packetNameOf(firstByte);
  if (name === undefined || (name === 'auth' && level !== 5)) {
    const message = `packet type ${firstByte >> 4} is reserved`;
    throw new ProtocolError('reserved-type', message, { level, offset: 0 });
  }
  if (PACKET_TYPES[name].sentBy === 'server') {
    const message = `${name.toUpperCase()} is not for a client to send`;
    throw new ProtocolError('direction', message, { level, offset: 0 });
  }
  requireSize(packetBytes, packetBytesMax, level);
  const max = BYTES_MAX[name];
  if (max === undefined || packetBytes <= max) return;
  throw new LimitError('quotaExceeded', `${name.toUpperCase()} has more than ${max} bytes`);
}

/**
 * The same for what comes first, which has to be CONNECT [MQTT-3.1.0-1].
 *
 * @throws ProtocolError for anything else, and for a CONNECT that is too large.
 */
export function checkFirstHeader(
  firstByte: number,
  packetBytes: number,
  level: ProtocolLevel,
  { connectBytesMax }: BrokerConfig,
): void {
  const name = packetNameOf(firstByte);
  const foreign = foreignProtocol(firstByte, packetBytes);
  if (name === 'connect' && foreign === undefined) {
    requireSize(packetBytes, connectBytesMax, level);
    return;
  }
  const hex = `byte ${hexByte(firstByte)}`;
  const what = foreign ?? `${name?.toUpperCase() ?? hex}, not CONNECT`;
  const message = `what came first is ${what}`;
  throw new ProtocolError('connect-first', message, { level: 5, offset: 0 });
}

/** @throws ProtocolError for a packet of more bytes than a client may send. */
function requireSize(packetBytes: number, max: number, level: ProtocolLevel): void {
  if (packetBytes <= max) return;
  const message = `a packet of ${packetBytes} bytes, ${max} is the most`;
  const breach = { level, offset: 1, subjects: ['client'] };
  throw new ProtocolError('packet-too-large', message, breach);
}

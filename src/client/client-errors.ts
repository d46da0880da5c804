import type { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { hexByte } from '../base/hex-byte.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ConnackPacket, DisconnectPacket } from '../codec/packet.ts';
import type { PacketName } from '../codec/packet-type.ts';
import type { ProtocolError } from '../codec/protocol-error.ts';
import { isFailure, reasonCode, reasonTitle } from '../codec/reason-code.ts';

/** A reason code with its name: `Not authorized (0x87)`. */
export function reasonText(packet: PacketName, code: number): string {
  return `${reasonTitle(packet, code)} (${hexByte(code)})`;
}

/** What a server adds to its refusal, in quotes; undefined if nothing. */
export function serverWords(reasonString: string | undefined): string | undefined {
  return reasonString === undefined ? undefined : `the broker says ${quoteText(reasonString)}`;
}

/** CONNACK said no. */
export function connectRefused(server: string, packet: ConnackPacket): CallerError {
  const { properties, reasonCode: code } = packet;
  return new CallerError('refused', `refused by ${server}: ${reasonText('connack', code)}`, {
    why: serverWords(properties.reasonString),
    reasonString: properties.reasonString,
    reasonCode: code,
  });
}

/** An ack said no to `what`: `publish to "a"`. */
export function ackRefused(
  what: string,
  packet: PacketName,
  code: number,
  reasonString: string | undefined,
): CallerError {
  return new CallerError('refused', `${what} refused: ${reasonText(packet, code)}`, {
    why: serverWords(reasonString),
    reasonString,
    reasonCode: code,
  });
}

/** The server has accepted the connection, and then said nothing for too long. */
export function noConnack(server: string): CallerError {
  return new CallerError('connect', `no CONNACK from ${server} in time`, {
    why: 'it takes connections and stays silent',
    remedy: 'check host and port',
  });
}

/** The server takes no packet of the size of an ack, so that nothing can be said to it. */
export function uselesslySmall(server: string, packetBytesMax: number): CallerError {
  return new CallerError('refused', `${server} takes packets of ${packetBytesMax} bytes at most`, {
    why: 'no ack is so small',
    reasonCode: reasonCode('packetTooLarge'),
  });
}

/** The server has ended the connection, and said why. */
export function serverDisconnected(server: string, packet: DisconnectPacket): CallerError {
  const { properties, reasonCode: code } = packet;
  const why = serverWords(properties.reasonString);
  if (!isFailure(code)) return connectionLost(`${server} has said goodbye`, why);
  const what = `disconnected by ${server}: ${reasonText('disconnect', code)}`;
  const { reasonString } = properties;
  return new CallerError('refused', what, { why, reasonString, reasonCode: code });
}

/** The connection is gone before its work was done. */
export function connectionLost(how: string, why?: string, cause?: unknown): CallerError {
  return new CallerError('lost', `connection lost: ${how}`, { why, cause });
}

/** The server broke a rule of the standard. */
export function serverBroke(server: string, error: ProtocolError): CallerError {
  return new CallerError('lost', `connection lost: ${server} does not keep to MQTT`, {
    why: error.message,
    cause: error,
  });
}

/** What answered first is no MQTT: its name, where its first bytes tell it. */
export function findOtherProtocol(first: Buffer): 'HTTP' | 'SSH' | 'TLS' | undefined {
  const start = first.toString('latin1', 0, 5);
  if (start === 'HTTP/') return 'HTTP';
  if (start.startsWith('SSH-')) return 'SSH';
  // A handshake, or the alert by which a TLS server answers what is no hello.
  const isRecord = (first[0] === 0x15 || first[0] === 0x16) && first[1] === 0x03;
  return isRecord ? 'TLS' : undefined;
}

/** Another kind of server listens there. */
export function speaksOther(server: string, protocol: string, cause: ProtocolError): CallerError {
  const isTls = protocol === 'TLS';
  return new CallerError('lost', `${server} does not speak MQTT${isTls ? ' without TLS' : ''}`, {
    why: `it answers in ${protocol}`,
    remedy: isTls
      ? 'give a port of the broker without TLS, often 1883'
      : 'check host and port: often 1883',
    cause,
  });
}

/** The other end has closed, or reset, what has not yet become an MQTT connection. */
export function closedEarly(server: string, cause: Error | undefined): CallerError {
  return new CallerError('lost', `${server} closed the connection before CONNACK`, {
    why: 'perhaps it is no MQTT broker, or one that expects TLS',
    remedy: 'check host and port',
    cause,
  });
}

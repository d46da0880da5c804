import { assertNever } from '../base/assert.ts';
import type { AuthPacket, DisconnectPacket, Packet } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { findReason } from '../codec/reason-code.ts';
import { onConnect, onConnectAuth } from './connect-step.ts';
import type { Connection } from './connection.ts';
import { onPublish, onPubrel } from './publish-step.ts';
import { onSubscribe, onUnsubscribe } from './subscribe-step.ts';

/**
 * What the broker does with one packet of a client, in the order of the standard's chapter 3.
 *
 * @throws ProtocolError for what the client may not send in its state.
 */
export function onPacket(connection: Connection, packet: Packet, packetBytes: number): void {
  switch (packet.type) {
    case 'connect':
      onConnect(connection, packet);
      break;
    case 'publish':
      onPublish(connection, packet, packetBytes);
      break;
    case 'puback':
      connection.session?.outbound.onPuback(packet.packetId);
      break;
    case 'pubrec':
      connection.session?.outbound.onPubrec(packet.packetId, packet.reasonCode);
      break;
    case 'pubrel':
      onPubrel(connection, packet);
      break;
    case 'pubcomp':
      connection.session?.outbound.onPubcomp(packet.packetId);
      break;
    case 'subscribe':
      onSubscribe(connection, packet);
      break;
    case 'unsubscribe':
      onUnsubscribe(connection, packet);
      break;
    case 'pingreq':
      connection.reply({ type: 'pingresp' });
      break;
    case 'disconnect':
      onDisconnect(connection, packet);
      break;
    case 'auth':
      onAuth(connection, packet);
      break;
    case 'connack':
    case 'suback':
    case 'unsuback':
    case 'pingresp':
      throw directionError(connection, packet.type);
    default:
      assertNever(packet);
  }
}

/** The client says goodbye (section 3.14.4): only 0x00 keeps its will from being sent. */
function onDisconnect(connection: Connection, packet: DisconnectPacket): void {
  const { session } = connection;
  const { sessionExpiryInterval: expiry } = packet.properties;
  if (session !== undefined && expiry !== undefined) {
    if (expiry > 0 && !connection.terms.wantsExpiry) {
      const message = 'the session expiry was 0, and cannot be raised when leaving';
      const breach = { level: connection.level, subjects: ['client'] } as const;
      throw new ProtocolError('disconnect-expiry', message, breach);
    }
    const max = connection.core.config.sessionExpirySecondsMax;
    session.expirySeconds = Math.min(expiry, max);
  }
  const isNormal = packet.reasonCode === 0;
  const reason = findReason('disconnect', packet.reasonCode);
  const { reasonString } = packet.properties;
  connection.leave({
    by: 'client',
    ...(isNormal || reason === undefined ? {} : { reason }),
    message: reasonString ?? 'the client has disconnected',
    keepsWill: !isNormal,
  });
}

/** Enhanced authentication goes on, or is done again (section 4.12). */
function onAuth(connection: Connection, packet: AuthPacket): void {
  const { authentication } = connection;
  if (authentication === undefined) {
    const message = 'AUTH without an authentication method in CONNECT';
    const breach = { level: connection.level, offset: 0, subjects: ['client'] } as const;
    throw new ProtocolError('auth-method', message, breach);
  }
  if (connection.state.kind === 'judging') onConnectAuth(connection, authentication, packet);
  else authentication.onAuth(packet);
}

function directionError(connection: Connection, type: string): ProtocolError {
  const message = `${type.toUpperCase()} is not for a client to send`;
  return new ProtocolError('direction', message, { level: connection.level, offset: 0 });
}

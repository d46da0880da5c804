import type { CallerError } from '../base/caller-error.ts';
import type { ConnackPacket } from '../codec/packet.ts';
import { PACKET_BYTES_MAX } from '../codec/packet-writer.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { connectRefused, uselesslySmall } from './client-errors.ts';
import type { ClientSetup, Welcome } from './client-host.ts';
import { serverLimits } from './server-limits.ts';

/** The largest packet that a client has to send unasked: PUBREL or PUBCOMP with a reason code. */
const ACK_BYTES_MAX = 5;

/**
 * Reads what CONNACK says, and starts the session that both sides go on with. The error is that of
 * a server which does not let us in, or is of no use.
 *
 * @throws ProtocolError for a session that there cannot be.
 */
export function welcomeOf(setup: ClientSetup, packet: ConnackPacket): Welcome | CallerError {
  const { connect, server } = setup;
  const { properties } = packet;
  if (packet.reasonCode !== 0) return connectRefused(server, packet);
  const limits = serverLimits(properties);
  const { maximumPacketSize = PACKET_BYTES_MAX } = limits;
  if (maximumPacketSize < ACK_BYTES_MAX) return uselesslySmall(server, maximumPacketSize);
  startSession(setup, packet, limits.receiveMaximum);
  return {
    clientId: properties.assignedClientIdentifier ?? connect.clientId,
    isSessionPresent: packet.isSessionPresent,
    keepAliveSeconds: properties.serverKeepAlive ?? connect.keepAliveSeconds,
    limits,
  };
}

/** Both sides must mean the same session [MQTT-3.2.2-4] [MQTT-3.2.2-5]. */
function startSession(
  { connect, session }: ClientSetup,
  { isSessionPresent }: ConnackPacket,
  receiveMaximum: number,
): void {
  const { isCleanStart, level } = connect;
  if (isSessionPresent && (isCleanStart || !session.isKnown)) {
    const message = 'Session Present, where there is no session on this side';
    throw new ProtocolError('session-unknown', message, { level, subjects: ['server'] });
  }
  // MQTT 3.1 cannot say whether the session is there [V31-42]: the client goes on as if it were.
  const isResumed = isSessionPresent || (level === 3 && !isCleanStart);
  if (isResumed) session.resume(receiveMaximum);
  else session.restart(receiveMaximum);
}

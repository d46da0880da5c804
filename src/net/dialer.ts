import type { ByteChannel } from '../base/byte-channel.ts';
import { DialAttempt } from './dial-attempt.ts';
import { openSocket, type SocketAddress, type SocketTerms } from './open-socket.ts';
import { socketChannel } from './socket-channel.ts';

/** Where to connect to, and how. */
export interface DialTarget extends SocketTerms {
  readonly address: SocketAddress;
  /** For all of it together: from the look-up of the name to the last answer before MQTT. */
  readonly timeoutMs: number;
}

/**
 * Connects to a host, by any of its addresses, or to a unix socket. Rejects with a `CallerError`,
 * or with the reason of `signal` once that is aborted; no socket is left behind then.
 */
export async function dial(target: DialTarget, signal?: AbortSignal): Promise<ByteChannel> {
  signal?.throwIfAborted();
  const attempt = new DialAttempt(target, signal);
  try {
    const socket = await openSocket(target.address, target, attempt.signal);
    const { address, isDelayed } = target;
    return socketChannel(socket, { isDelayed, peer: 'path' in address ? address.path : undefined });
  } finally {
    attempt.end();
  }
}

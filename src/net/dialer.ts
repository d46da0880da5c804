import type { Socket } from 'node:net';
import type { ByteChannel } from '../base/byte-channel.ts';
import { CallerError } from '../base/caller-error.ts';
import { DialAttempt } from './dial-attempt.ts';
import { renderAddress, silentServerError } from './net-errors.ts';
import {
  openSocket,
  type SocketAddress,
  type SocketTerms,
  type TcpAddress,
} from './open-socket.ts';
import { socketChannel } from './socket-channel.ts';
import type { SocksProxy } from './socks5.ts';
import type { TlsTerms } from './tls-dialer.ts';
import type { WebSocketTerms } from './web-socket-dialer.ts';

/** Where to connect to, and how. */
export interface DialTarget extends SocketTerms {
  readonly address: SocketAddress;
  /** The host is a domain, of which DNS knows who serves it. */
  readonly isService?: boolean | undefined;
  /** The way to a host leads through it. */
  readonly proxy?: SocksProxy | undefined;
  readonly tls?: TlsTerms | undefined;
  readonly webSocket?: WebSocketTerms | undefined;
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
    const { address, isService } = target;
    if (isService !== true || 'path' in address) return await dialAddress(target, address, attempt);
    return await dialService(target, address, attempt);
  } finally {
    attempt.end();
  }
}

/** Tries all that serve a domain, the best first, until one can be connected to. */
async function dialService(
  target: DialTarget,
  domain: TcpAddress,
  attempt: DialAttempt,
): Promise<ByteChannel> {
  const { findServers } = await import('./service-lookup.ts');
  const servers = await findServers(domain.host, target.tls !== undefined);
  let failure: unknown;
  for (const address of servers) {
    try {
      return await dialAddress(target, address, attempt);
    } catch (error) {
      if (!(error instanceof CallerError && error.kind === 'connect')) throw error;
      failure ??= error;
    }
    attempt.signal.throwIfAborted();
  }
  throw failure;
}

async function dialAddress(
  target: DialTarget,
  address: SocketAddress,
  attempt: DialAttempt,
): Promise<ByteChannel> {
  const { isDelayed, timeoutMs, tls, webSocket } = target;
  const server = renderAddress(address);
  const way = await openWay(target, address, attempt);
  const peer = 'path' in address || target.proxy !== undefined ? server : undefined;
  const { explain, socket } =
    tls === undefined
      ? { socket: way, explain: undefined }
      : await secure(way, address, tls, attempt);
  if (webSocket === undefined) return socketChannel(socket, { isDelayed, peer, explain });
  attempt.waitsFor(() => silentServerError(address, 'WebSocket', timeoutMs));
  const { openWebSocket } = await import('./web-socket-dialer.ts');
  socket.setNoDelay(isDelayed !== true);
  const hostHeader = hostHeaderOf(address, tls !== undefined);
  const to = { server, hostHeader, peer: peer ?? server, explain };
  return await openWebSocket(socket, to, webSocket, attempt.signal);
}

/** TLS over a socket, and how it explains what goes wrong later. */
async function secure(
  socket: Socket,
  address: SocketAddress,
  tls: TlsTerms,
  attempt: DialAttempt,
): Promise<{ socket: Socket; explain: (error: Error) => Error }> {
  const server = renderAddress(address);
  attempt.waitsFor(() => silentServerError(address, 'TLS', attempt.timeoutMs));
  const { openTls } = await import('./tls-dialer.ts');
  const { laterTlsError } = await import('./tls-errors.ts');
  const to = { host: 'path' in address ? 'localhost' : address.host, server };
  const secured = await openTls(socket, to, tls, attempt.signal);
  return { socket: secured, explain: (error) => laterTlsError(error, server) };
}

/** Without a port that is understood. */
function hostHeaderOf(address: SocketAddress, isTls: boolean): string {
  if ('path' in address) return 'localhost';
  const rendered = renderAddress(address);
  const isUsual = address.port === (isTls ? 443 : 80);
  return isUsual ? rendered.replace(/:\d+$/, '') : rendered;
}

/** A socket that leads to the server, through a proxy where there is one. */
async function openWay(
  { proxy, timeoutMs, ...terms }: DialTarget,
  address: SocketAddress,
  attempt: DialAttempt,
): Promise<Socket> {
  if (proxy === undefined || 'path' in address) {
    return await openSocket(address, terms, attempt.signal);
  }
  const socket = await openSocket(proxy, terms, attempt.signal, '--proxy');
  attempt.waitsFor(() => silentServerError(proxy, 'the proxy', timeoutMs));
  const { connectThrough } = await import('./socks5.ts');
  await connectThrough(socket, proxy, address, attempt.signal);
  return socket;
}

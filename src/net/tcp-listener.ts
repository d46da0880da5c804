import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { assert } from '../base/assert.ts';
import type { ByteChannel } from '../base/byte-channel.ts';
import { CallerError } from '../base/caller-error.ts';
import { listenError } from './net-errors.ts';
import { socketChannel } from './socket-channel.ts';
import { systemErrorCode } from './system-error.ts';

/** What happens at a listener. */
export interface ListenerEvents {
  /** Somebody has connected. */
  onChannel(channel: ByteChannel): void;
  /** Somebody could not: too many open files, say. The listener goes on. */
  onAcceptFailed(error: Error): void;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How many may wait to be accepted: what Node asks for anyway, and most systems allow less. */
const BACKLOG = 511;

/** A free port of one family may be taken in the other; so often in a row it is not chance. */
const PAIR_ATTEMPTS_MAX = 20;

/** Ports that are listened on; the connections they gave are not its affair. */
export class TcpListener {
  /** As they can be dialled: with the port that was chosen where 0 was asked for. */
  readonly addresses: readonly ListenAddress[];
  readonly #servers: readonly Server[];

  constructor(servers: readonly Server[]) {
    this.#servers = servers;
    this.addresses = servers.map(addressOf);
  }

  /** Accepts no more. Connections that there are live on. */
  close(): void {
    for (const server of this.#servers) server.close();
  }
}

/**
 * Listens on an address or name; `localhost` is 127.0.0.1 and ::1 as far as the machine has them,
 * `*` is all addresses; port 0 is any that is free, the same in both families.
 * Rejects with a `CallerError` of kind environment, and then listens nowhere.
 */
export async function listenTcp(
  { host, port }: ListenAddress,
  events: ListenerEvents,
): Promise<TcpListener> {
  if (host === 'localhost') return new TcpListener(await openLoopback(port, events));
  // Without a host Node takes all of both families, or of IPv4 where there is no other.
  const where = host === '*' ? { port } : { host, port };
  try {
    return new TcpListener([await openServer(where, events)]);
  } catch (error) {
    throw listenError(error, host, port);
  }
}

async function openLoopback(port: number, events: ListenerEvents): Promise<Server[]> {
  for (let attempt = 1; ; attempt += 1) {
    const servers: Server[] = [];
    try {
      await addIfPresent(servers, { host: '127.0.0.1', port }, events);
      const [first] = servers;
      const samePort = first === undefined ? port : addressOf(first).port;
      await addIfPresent(servers, { host: '::1', port: samePort }, events);
    } catch (error) {
      for (const server of servers) server.close();
      const isBadLuck = port === 0 && systemErrorCode(error) === 'EADDRINUSE';
      if (isBadLuck && attempt < PAIR_ATTEMPTS_MAX) continue;
      throw listenError(error, 'localhost', port);
    }
    if (servers.length > 0) return servers;
    throw new CallerError('environment', 'this machine has no loopback address', {
      why: 'neither 127.0.0.1 nor ::1 can be listened on',
    });
  }
}

/** Skips a family that the machine lacks. */
async function addIfPresent(
  servers: Server[],
  where: ListenAddress,
  events: ListenerEvents,
): Promise<void> {
  try {
    servers.push(await openServer(where, events));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error;
  }
}

async function openServer(where: ListenOptions, events: ListenerEvents): Promise<Server> {
  // What a connection sends stays with the system until somebody listens to its channel.
  const server = createServer({ pauseOnConnect: true }, (socket) =>
    events.onChannel(socketChannel(socket)),
  );
  server.listen({ ...where, backlog: BACKLOG });
  await once(server, 'listening');
  server.on('error', (error) => events.onAcceptFailed(error));
  return server;
}

function addressOf(server: Server): ListenAddress {
  const address = server.address();
  assert(address !== null && typeof address === 'object', 'a server that listens has an address');
  return { host: address.address, port: address.port };
}

import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { dialError } from './net-errors.ts';

/** Where a socket leads: a host, by name or by address without brackets, or a unix socket. */
export type SocketAddress = TcpAddress | { readonly path: string };

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** How to open a socket. */
export interface SocketTerms {
  /** The name or address of this machine that the connection comes from. */
  readonly localAddress?: string | undefined;
  /** Small packets wait for one another (Nagle's algorithm). */
  readonly isDelayed?: boolean | undefined;
}

/** How long each address of a name has before the next one is tried (RFC 8305). */
const ATTEMPT_MS = 250;

/**
 * Opens a socket. Rejects with a `CallerError` of kind connect, or with the reason of `signal` once
 * that is aborted; no socket is left behind then.
 *
 * @param option the one that gave the address, for messages.
 */
export async function openSocket(
  address: SocketAddress,
  { localAddress }: SocketTerms,
  signal: AbortSignal,
  option = '-h',
): Promise<Socket> {
  const local = localAddress === undefined ? undefined : await findLocal(localAddress, address);
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const socket = connect('path' in address ? address : tcpOptions(address, local));
    const fail = (reason: unknown) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(dialError(error, address, option));
    signal.addEventListener('abort', onAbort);
    socket.on('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(socket);
      // Only once whoever asked for it has it, and listens: nothing can happen before.
      queueMicrotask(() => socket.off('error', onError));
    });
  });
}

function tcpOptions(address: TcpAddress, localAddress: string | undefined): TcpNetConnectOpts {
  const anywhere = {
    ...address,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
  };
  if (localAddress === undefined) return anywhere;
  // From an address only those of its family are reached.
  return { ...anywhere, localAddress, family: isIP(localAddress) };
}

/** The address of this machine that goes by this name. */
async function findLocal(name: string, remote: SocketAddress): Promise<string> {
  if (isIP(name) !== 0) return name;
  const { lookup } = await import('node:dns/promises');
  const family = 'host' in remote ? isIP(remote.host) : 0;
  try {
    return (await lookup(name, { family })).address;
  } catch (error) {
    throw dialError(error, { host: name, port: 0 }, '-A');
  }
}

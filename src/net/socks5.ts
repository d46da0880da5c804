import { Buffer } from 'node:buffer';
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4, type Socket } from 'node:net';
import { CallerError } from '../base/caller-error.ts';
import { dialError, renderAddress } from './net-errors.ts';
import type { TcpAddress } from './open-socket.ts';

/** A SOCKS5 proxy (RFC 1928, RFC 1929). */
export interface SocksProxy extends TcpAddress {
  readonly userName: string | undefined;
  readonly password: string | undefined;
  /** Who looks up the names of hosts. */
  readonly resolves: 'here' | 'there';
}

const VERSION = 5;
const CONNECT = 1;
const METHOD = { none: 0, password: 2 } as const;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
const ANSWERS = [
  '',
  'a general failure',
  'its rules do not allow it',
  'no network leads there',
  'the host cannot be reached',
  'the connection was refused',
  'it took too long',
  'it does not know this command',
  'it does not know this kind of address',
];

/**
 * Asks the proxy at the other end of a socket for a connection to `target`. Rejects with a
 * `CallerError` of kind connect, or with the reason of `signal`; the socket is destroyed then.
 */
export async function connectThrough(
  socket: Socket,
  proxy: SocksProxy,
  target: TcpAddress,
  signal: AbortSignal,
): Promise<void> {
  const exchange = new Exchange(socket, proxy, signal);
  try {
    await authenticate(exchange, proxy);
    const address = await proxyAddress(proxy, target);
    const port = Buffer.alloc(2);
    port.writeUInt16BE(target.port);
    exchange.send(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), address, port]));
    const [version, answer = 0, , kind] = await exchange.take(4);
    if (version !== VERSION) throw noProxy(proxy);
    if (answer !== 0) throw refusedByProxy(proxy, target, answer);
    // Where the proxy connects from: of no use to us, but in the way.
    await exchange.take((await boundBytes(exchange, kind)) + 2);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    exchange.end();
  }
}

async function authenticate(exchange: Exchange, proxy: SocksProxy): Promise<void> {
  const { password = '', userName } = proxy;
  const methods = userName === undefined ? [METHOD.none] : [METHOD.none, METHOD.password];
  exchange.send(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await exchange.take(2);
  if (version !== VERSION) throw noProxy(proxy);
  if (method === METHOD.none) return;
  if (method !== METHOD.password || userName === undefined) {
    const why = 'it takes none of the ways to log in that are known here';
    throw proxyError(proxy, 'lets nobody in', why, 'give user and password in the URL of --proxy');
  }
  const [name, secret] = [Buffer.from(userName), Buffer.from(password)];
  exchange.send(
    Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]),
  );
  const [, status] = await exchange.take(2);
  if (status === 0) return;
  const why = 'it knows no such user and password';
  throw proxyError(proxy, 'refuses the user', why, 'check user and password in --proxy');
}

/** The address as the proxy is told it. */
async function proxyAddress({ resolves }: SocksProxy, target: TcpAddress): Promise<Buffer> {
  const host = resolves === 'here' ? await addressOf(target) : target.host;
  if (isIPv4(host)) return Buffer.from([ADDRESS.ipv4, ...host.split('.').map(Number)]);
  if (isIP(host) === 6) return Buffer.from([ADDRESS.ipv6, ...ipv6Bytes(host)]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.from([ADDRESS.name, name.length]), name]);
}

async function addressOf(target: TcpAddress): Promise<string> {
  if (isIP(target.host) !== 0) return target.host;
  try {
    return (await lookup(target.host)).address;
  } catch (error) {
    throw dialError(error, target);
  }
}

/** The 16 bytes of an address that is known to be one of IPv6. */
function ipv6Bytes(host: string): readonly number[] {
  // A browser's URL knows all its forms, and writes IPv4 at the end in hex.
  const plain = new URL(`http://[${host.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const gap = Array<string>(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0');
  const groups = [...(left ?? []), ...gap, ...(right ?? [])].map((group) =>
    Number.parseInt(group, 16),
  );
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

async function boundBytes(exchange: Exchange, kind: number | undefined): Promise<number> {
  if (kind === ADDRESS.name) return (await exchange.take(1))[0] ?? 0;
  return kind === ADDRESS.ipv6 ? 16 : 4;
}

/** Questions and answers over a socket, of which no byte too many is read. */
class Exchange {
  readonly #socket: Socket;
  readonly #proxy: SocksProxy;
  readonly #signal: AbortSignal;
  #onEvent: () => void = () => {};
  #error: Error | undefined;
  readonly #listener = () => this.#onEvent();
  readonly #onError = (error: Error) => {
    this.#error = error;
    this.#onEvent();
  };

  constructor(socket: Socket, proxy: SocksProxy, signal: AbortSignal) {
    this.#socket = socket;
    this.#proxy = proxy;
    this.#signal = signal;
    for (const event of ['readable', 'end', 'close']) socket.on(event, this.#listener);
    socket.on('error', this.#onError);
    signal.addEventListener('abort', this.#listener);
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Resolves with the next bytes, so many. */
  take(count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#onEvent = () => {
        if (this.#signal.aborted) reject(this.#signal.reason);
        const bytes: unknown = this.#socket.read(count);
        if (bytes instanceof Buffer && bytes.length === count) resolve(bytes);
        else if (this.#error !== undefined) reject(dialError(this.#error, this.#proxy, '--proxy'));
        else if (this.#socket.readableEnded || this.#socket.destroyed) reject(noProxy(this.#proxy));
      };
      this.#onEvent();
    });
  }

  end(): void {
    for (const event of ['readable', 'end', 'close']) this.#socket.off(event, this.#listener);
    this.#signal.removeEventListener('abort', this.#listener);
    queueMicrotask(() => this.#socket.off('error', this.#onError));
  }
}

function noProxy(proxy: SocksProxy): CallerError {
  const why = 'it answers otherwise, or closes the connection';
  return proxyError(proxy, 'does not speak SOCKS5', why, 'check host and port of --proxy');
}

function refusedByProxy(proxy: SocksProxy, target: TcpAddress, answer: number): CallerError {
  const what = `cannot connect to ${renderAddress(target)} through the proxy`;
  const said = ANSWERS[answer] ?? `code ${answer}`;
  return new CallerError('connect', what, {
    why: `${renderAddress(proxy)} says: ${said}`,
    remedy: 'check host and port as the proxy sees them',
  });
}

function proxyError(proxy: SocksProxy, what: string, why: string, remedy: string): CallerError {
  return new CallerError('connect', `proxy ${renderAddress(proxy)} ${what}`, { why, remedy });
}

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { DialTarget } from '../net/dialer.ts';
import { localDomain } from '../net/local-domain.ts';
import { renderAddress } from '../net/net-errors.ts';
import type { SocketAddress } from '../net/open-socket.ts';
import type { SocksProxy } from '../net/socks5.ts';
import type { WebSocketTerms } from '../net/web-socket-dialer.ts';
import { type BrokerUrl, maskUrl, parseBrokerUrl, parsePlace } from './broker-url.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseDurationMs, parseHost, unusableValue, wholeNumber } from './option-values.ts';
import type { Platform } from './platform.ts';
import { TLS_OPTIONS, tlsTerms, wantsTls } from './tls-options.ts';

const GROUP = 'Connection';
const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 1883;
const TLS_PORT = 8883;
const DEFAULT_PATH = '/mqtt';
const PROXY_PORT = 1080;
/** What SOCKS5 can say of a user name, and of a password. */
const CREDENTIAL_BYTES_MAX = 255;

/** How to get to a broker; `pub`, `sub` and `bench` have it in common. */
export const TRANSPORT_OPTIONS = {
  url: {
    type: 'string',
    alias: 'L',
    value: 'URL',
    coerce: parseBrokerUrl,
    describe:
      'all in one: mqtt://USER:PASSWORD@HOST:PORT/TOPIC; also mqtts, ws, wss, mqtt+unix:///PATH',
    group: GROUP,
  },
  host: {
    type: 'string',
    alias: 'h',
    value: 'HOST',
    coerce: parseHost,
    defaultDescription: DEFAULT_HOST,
    describe: 'name or address of the broker',
    group: GROUP,
  },
  port: {
    type: 'string',
    alias: 'p',
    value: 'PORT',
    coerce: wholeNumber(1, 65_535),
    defaultDescription: `${DEFAULT_PORT}; ${TLS_PORT} with TLS`,
    describe: `its port; ${TLS_PORT} alone asks for TLS`,
    group: GROUP,
  },
  unix: {
    type: 'string',
    value: 'PATH',
    coerce: parsePath,
    describe: 'its unix socket, instead of host and port',
    group: GROUP,
  },
  bind: {
    type: 'string',
    alias: 'A',
    value: 'ADDRESS',
    coerce: parseHost,
    describe: 'name or address of this machine to connect from',
    group: GROUP,
  },
  srv: {
    type: 'boolean',
    alias: 'S',
    describe: 'ask DNS who serves MQTT for the domain that --host names',
    group: GROUP,
  },
  proxy: {
    type: 'string',
    value: 'URL',
    coerce: parseProxy,
    describe: 'SOCKS5 proxy: socks5h://USER:PASSWORD@HOST:PORT; socks5 looks names up here',
    group: GROUP,
  },
  ws: { type: 'boolean', describe: 'speak MQTT over WebSocket', group: GROUP },
  'ws-path': {
    type: 'string',
    value: 'PATH',
    coerce: parseWebPath,
    defaultDescription: DEFAULT_PATH,
    describe: 'the path of the WebSocket, with its query',
    group: GROUP,
  },
  'ws-header': {
    type: 'string',
    value: 'HEADER',
    array: true,
    coerce: parseHeader,
    describe: 'a header of the request for it: "Name: value"; may be repeated',
    group: GROUP,
  },
  nodelay: {
    type: 'boolean',
    default: true,
    describe: 'send small packets at once; --no-nodelay collects them',
    group: GROUP,
  },
  'connect-timeout': {
    type: 'string',
    value: 'DURATION',
    default: '30s',
    coerce: parseSomeTimeMs,
    describe: 'how long one attempt may take, from the look-up of the name to CONNACK',
    group: GROUP,
  },
  ...TLS_OPTIONS,
} as const satisfies OptionTable;

/** The way to a broker. */
export interface Transport {
  /** How a person calls it: `localhost:1883`. */
  readonly server: string;
  readonly dial: DialTarget;
  /** What the URL says beside the way; options of their own beat it. */
  readonly named: Pick<BrokerUrl, 'userName' | 'password' | 'topic'>;
  /** What is to be said before anything is done. */
  readonly warnings: readonly string[];
}

export type TransportOptions = OptionsOf<typeof TRANSPORT_OPTIONS>;

const NOTHING_NAMED = { userName: undefined, password: undefined, topic: undefined };

/**
 * Reads the options and the files that they name. Rejects with a `CallerError` for what excludes
 * each other, and for files that cannot be used.
 *
 * @param isOld whether MQTT 3.1 is spoken, which has a name of its own for WebSockets.
 */
export async function transportFrom(
  options: TransportOptions,
  isOld: boolean,
  platform: Platform,
): Promise<Transport> {
  const { bind, connectTimeout, nodelay, proxy, srv, url } = options;
  requireOneWay(options);
  const isTls = wantsTls(options, isUsuallyTls(options));
  const address = addressOf(options, isTls);
  const dial = {
    address,
    isService: srv === true,
    localAddress: bind,
    isDelayed: !nodelay,
    timeoutMs: connectTimeout,
    proxy,
    tls: isTls ? await tlsTerms(options, platform) : undefined,
    webSocket: webSocketTerms(options, isOld),
  };
  const warnings = isTls && options.insecure === true ? [INSECURE] : [];
  return { server: renderAddress(address), dial, named: url ?? NOTHING_NAMED, warnings };
}

const INSECURE = 'warning: --insecure: whoever is on the way can read and change what is said';

function isUsuallyTls({ port, unix, url }: TransportOptions): boolean {
  if (unix !== undefined) return false;
  const isSaid = url?.scheme === 'mqtts' || url?.scheme === 'wss';
  // Whoever writes mqtt://host:8883 has said what is meant, whoever gives the port alone has not.
  return isSaid || (url === undefined && port === TLS_PORT);
}

function addressOf(options: TransportOptions, isTls: boolean): SocketAddress {
  const { host, port, srv, unix, url } = options;
  const path = unix ?? (url?.scheme === 'unix' ? url.path : undefined);
  if (path !== undefined) return { path };
  const usualPort = isTls ? TLS_PORT : DEFAULT_PORT;
  const usualHost = srv === true ? localDomain() : DEFAULT_HOST;
  return { host: host ?? url?.host ?? usualHost, port: port ?? url?.port ?? usualPort };
}

function webSocketTerms(options: TransportOptions, isOld: boolean): WebSocketTerms | undefined {
  const { url, ws, wsHeader, wsPath } = options;
  const isMeant = url?.scheme === 'ws' || url?.scheme === 'wss' || ws === true;
  if (!isMeant && wsPath === undefined && wsHeader.length === 0) return undefined;
  const subprotocol = isOld ? 'mqttv3.1' : 'mqtt';
  return { path: wsPath ?? url?.path ?? DEFAULT_PATH, subprotocol, headers: wsHeader };
}

/** @throws CallerError usage for two answers to one question. */
function requireOneWay({ host, port, proxy, srv, unix, url }: TransportOptions): void {
  const isUnix = unix !== undefined || url?.scheme === 'unix';
  const others = { '--host': host, '--port': port, '--proxy': proxy, '--srv': srv };
  for (const [option, value] of Object.entries(others)) {
    if (!isUnix || value === undefined) continue;
    throw exclusive('a unix socket', option);
  }
  if (srv === true && port !== undefined) throw exclusive('--srv', '--port');
  if (srv === true && url !== undefined) throw exclusive('--srv', '--url');
}

function exclusive(one: string, other: string): CallerError {
  const remedy = 'leave one of them out';
  return new CallerError('usage', `${one} and ${other} exclude each other`, { remedy });
}

function parsePath(text: string, option: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw unusableValue(option, text, 'give the path of the socket');
}

function parseSomeTimeMs(text: string, option: string): number {
  const ms = parseDurationMs(text, option);
  if (ms > 0) return ms;
  throw unusableValue(option, text, 'give at least 1ms');
}

function parseWebPath(text: string, option: string): string {
  if (/^\/[\x21-\x7e]*$/.test(text) && !text.includes('#')) return text;
  throw unusableValue(option, text, 'begin it with "/", and percent-encode what is not ASCII');
}

/** A name and a value; neither can begin another header. */
function parseHeader(text: string, option: string): readonly [string, string] {
  const [, name = '', value = ''] =
    /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\x20-\x7e\t]*)$/.exec(text) ?? [];
  if (name !== '') return [name, value];
  throw unusableValue(option, text.split(':', 1)[0] ?? '', 'write "Name: value"');
}

function parseProxy(text: string, option: string): SocksProxy {
  const [, scheme = '', rest = ''] = /^(socks5h?):\/\/([^/]*)\/?$/i.exec(text) ?? [];
  const place = scheme === '' ? undefined : parsePlace(rest, PROXY_PORT);
  const tooLong = [place?.userName, place?.password].some(
    (each) => Buffer.byteLength(each ?? '') > CREDENTIAL_BYTES_MAX,
  );
  if (place !== undefined && !tooLong) {
    return { ...place, resolves: scheme.toLowerCase() === 'socks5' ? 'here' : 'there' };
  }
  const remedy = 'write socks5h://HOST:PORT, or socks5h://USER:PASSWORD@HOST:PORT';
  throw new CallerError('usage', `${option} ${JSON.stringify(maskUrl(text))} cannot be used`, {
    remedy,
  });
}

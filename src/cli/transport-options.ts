import type { DialTarget } from '../net/dialer.ts';
import { renderAddress } from '../net/net-errors.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseDurationMs, parseHost, unusableValue, wholeNumber } from './option-values.ts';

const GROUP = 'Connection';
const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 1883;

/** How to get to a broker; `pub`, `sub` and `bench` have it in common. */
export const TRANSPORT_OPTIONS = {
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
    defaultDescription: String(DEFAULT_PORT),
    describe: 'its port',
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
} as const satisfies OptionTable;

/** The way to a broker. */
export interface Transport {
  /** How a person calls it: `localhost:1883`. */
  readonly server: string;
  readonly dial: DialTarget;
}

type TransportOptions = OptionsOf<typeof TRANSPORT_OPTIONS>;

/** Reads the options. */
export function transportFrom(options: TransportOptions): Transport {
  const { bind, connectTimeout, host = DEFAULT_HOST, nodelay, port = DEFAULT_PORT, unix } = options;
  const address = unix === undefined ? { host, port } : { path: unix };
  const dial = { address, timeoutMs: connectTimeout, localAddress: bind, isDelayed: !nodelay };
  return { server: renderAddress(address), dial };
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

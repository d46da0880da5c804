import type { BrokerConfig } from '../broker/broker-config.ts';
import { renderHostPort } from '../net/host-port.ts';
import { isLoopback } from './broker-access.ts';
import { renderSize, roundSize } from './broker-limits.ts';
import { VERSION } from './version.ts';

/** What a broker that has started knows of itself. */
export interface BrokerStart {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly config: BrokerConfig;
  readonly pid: number;
  readonly readyMs: number;
  /** How many files may be open, where fewer clients are taken for it than were asked for. */
  readonly openFilesMax?: number | undefined;
}

/** What a broker says when it is ready: where it listens, what it promises, what to type next. */
export function renderStart(start: BrokerStart): string {
  const { addresses, config, openFilesMax, pid, readyMs } = start;
  const isLocal = addresses.every(({ host }) => isLoopback(host));
  const who = isLocal ? 'yes (every listener is loopback)' : 'yes (--allow-anonymous)';
  const urls = addresses.map(({ host, port }) => `mqtt://${renderAddress(host, port)}`);
  const limits = [
    `packet ${spaced(renderSize(config.packetBytesMax))}`,
    `${config.connectionsMax} connections`,
    `memory ${roundSize(config.memoryBytesMax)}`,
  ];
  const why = `only ${openFilesMax} files may be open: raise that (ulimit -n) for more connections`;
  return [
    `mqttk broker ${VERSION}  ready in ${readyMs} ms  pid ${pid}`,
    `  ${urls.join('  ')}   anonymous clients: ${who}`,
    '  durability: memory only, all state ends with this process',
    `  limits: ${limits.join(', ')}`,
    ...(openFilesMax === undefined ? [] : [`  ${why}`]),
    `  try it: ${tryIt(addresses)}`,
    ...(isLocal
      ? ["  only this machine can connect; for others: --host '*' --allow-anonymous"]
      : []),
  ].join('\n');
}

/** Here nobody is to type it again. */
function spaced(size: string): string {
  return size.replace(/(?<=\d)(?=[KMG])/, ' ');
}

/** `::` is all addresses of both families, which few read in it. */
function renderAddress(host: string, port: number): string {
  return host === '::' ? `*:${port}` : renderHostPort(host, port);
}

/** Addresses at which the default host of `pub` and `sub` is heard; the others are to be typed. */
const HEARS_LOCALHOST = ['127.0.0.1', '::1', '0.0.0.0', '::'];

/** What to type in two other terminals; host and port where they are not the usual ones. */
function tryIt(addresses: BrokerStart['addresses']): string {
  const { host, port } = addresses[0] ?? { host: '127.0.0.1', port: 1883 };
  const hostOption = HEARS_LOCALHOST.includes(host) ? '' : ` -h ${host}`;
  const where = `${hostOption}${port === 1883 ? '' : ` -p ${port}`}`;
  const pub = `mqttk pub${where} -t sensors/temperature -m 21`;
  return `mqttk sub${where} -t 'sensors/#'   and: ${pub}`;
}

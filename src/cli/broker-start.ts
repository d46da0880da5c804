import type { BrokerConfig } from '../broker/broker-config.ts';
import { isLoopback } from './broker-access.ts';
import { renderSize } from './broker-limits.ts';
import { VERSION } from './version.ts';

/** What a broker that has started knows of itself. */
export interface BrokerStart {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly config: BrokerConfig;
  readonly pid: number;
  readonly readyMs: number;
}

/** What a broker says when it is ready: where it listens, what it promises, what to type next. */
export function renderStart({ addresses, config, pid, readyMs }: BrokerStart): string {
  const isLocal = addresses.every(({ host }) => isLoopback(host));
  const who = isLocal ? 'yes (every listener is loopback)' : 'yes (--allow-anonymous)';
  const urls = addresses.map((address) => `mqtt://${inUrl(address.host)}:${address.port}`);
  const limits = [
    `packet ${renderSize(config.packetBytesMax)}`,
    `${config.connectionsMax} connections`,
    `${config.queueMessagesMax} messages waiting for each client`,
  ];
  return [
    `mqttk broker ${VERSION}  ready in ${readyMs} ms  pid ${pid}`,
    `  ${urls.join('  ')}   anonymous clients: ${who}`,
    '  durability: memory only, all state ends with this process',
    `  limits: ${limits.join(', ')}`,
    `  try it: ${tryIt(addresses[0]?.port ?? 1883)}`,
    ...(isLocal
      ? ["  only this machine can connect; for others: --host '*' --allow-anonymous"]
      : []),
  ].join('\n');
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** What to type in two other terminals; the port where it is not the usual one. */
function tryIt(port: number): string {
  const option = port === 1883 ? '' : ` -p ${port}`;
  const pub = `mqttk pub${option} -t sensors/temperature -m 21`;
  return `mqttk sub${option} -t 'sensors/#'   and: ${pub}`;
}

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
  const port = portOptionOf(addresses);
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
    `  try it: mqttk sub${port} -t 'sensors/#'   and: mqttk pub${port} -t sensors/temperature -m 21`,
    ...(isLocal
      ? ["  only this machine can connect; for others: --host '*' --allow-anonymous"]
      : []),
  ].join('\n');
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** What a client must type to find the port; nothing for the usual one. */
function portOptionOf(addresses: BrokerStart['addresses']): string {
  const port = addresses[0]?.port ?? 1883;
  return port === 1883 ? '' : ` -p ${port}`;
}

import { randomInt } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { CallerError } from '../base/caller-error.ts';
import type { TcpAddress } from './open-socket.ts';
import { systemErrorText } from './system-error.ts';

/** As fine as weights of 16 bits need. */
const RANDOM_STEPS = 2 ** 32;

/** One server of a domain, as DNS has it (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  /** The least is tried first. */
  readonly priority: number;
  /** Of the same priority, how often it is tried before the others. */
  readonly weight: number;
}

/** Looks up who serves MQTT for a domain; the first to try comes first. */
export async function findServers(domain: string, isTls: boolean): Promise<readonly TcpAddress[]> {
  const name = `${isTls ? '_secure-mqtt' : '_mqtt'}._tcp.${domain}`;
  try {
    const records = await dns.resolveSrv(name);
    return inOrder(records, random).map(({ name: host, port }) => ({ host, port }));
  } catch (cause) {
    throw new CallerError('connect', `no server is known for ${domain}`, {
      why: `DNS has no SRV record ${name} (${systemErrorText(cause)})`,
      remedy: 'give host and port with -h and -p, without -S',
      cause,
    });
  }
}

/**
 * By priority, and among equals by chance, in proportion to the weight.
 *
 * @param random gives a number from 0 up to, but not, 1.
 */
export function inOrder(
  records: readonly ServiceRecord[],
  random: () => number,
): readonly ServiceRecord[] {
  const left = [...records].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const group = left.filter(({ priority }) => priority === left[0]?.priority);
    const sum = group.reduce((total, { weight }) => total + weight, 0);
    let mark = random() * sum;
    const chosen = Math.max(
      0,
      group.findIndex(({ weight }) => {
        mark -= weight;
        return mark < 0;
      }),
    );
    ordered.push(...left.splice(chosen, 1));
  }
  return ordered;
}

/** From 0 up to, but not, 1. */
function random(): number {
  return randomInt(RANDOM_STEPS) / RANDOM_STEPS;
}

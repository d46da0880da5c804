import type { Packet } from '../codec/packet.ts';
import type { OpenRequest } from './open-requests.ts';
import type { StateBudget } from './state-budget.ts';

const FAILURE = 0x80;

/** Keeps what a session is subscribed to, once that is granted: call it with the request open. */
export function watchSubscriptions(
  packet: Packet,
  request: OpenRequest | undefined,
  subscriptions: Map<string, number>,
  budget: StateBudget,
): void {
  for (const [index, filter] of request?.filters.entries() ?? []) {
    if (packet.type === 'unsuback' && subscriptions.delete(filter)) budget.give(filter.length);
    if (packet.type !== 'suback') continue;
    const code = packet.reasonCodes[index] ?? FAILURE;
    if (code >= FAILURE) continue;
    if (subscriptions.has(filter) || budget.take(filter.length)) subscriptions.set(filter, code);
  }
}

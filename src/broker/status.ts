import type { BrokerCore } from './broker-core.ts';
import type { BrokerEvent } from './broker-ports.ts';

/** How the broker does, in one line: who is here, what is kept, what has gone through. */
export function statusFields(core: BrokerCore): BrokerEvent['fields'] {
  const { arrivals, connections, counters, memory, router, sessions, waitingRoom } = core;
  let waitingCount = 0;
  for (const session of sessions.values()) waitingCount += session.waitingCount;
  return {
    connections: connections.size - waitingRoom.waitingCount,
    pending: waitingRoom.waitingCount + arrivals.waitingCount,
    sessions: sessions.size,
    subscriptions: router.subscriptionCount,
    retained: router.retainedCount,
    waiting: waitingCount,
    memory_used: memory.bytes,
    memory_max: memory.bytesMax,
    received: counters.messagesReceived,
    sent: counters.messagesSent,
    refused: counters.messagesRefused,
    dropped: counters.messagesDropped,
    ...dropFields(counters.dropped),
    bytes_received: counters.bytesReceived,
    bytes_sent: counters.bytesSent,
  };
}

/** By reason, as far as there are any: `dropped_queue_full`. */
function dropFields(dropped: Readonly<Record<string, number>>): Record<string, number> {
  const some = Object.entries(dropped).filter(([, count]) => count > 0);
  return Object.fromEntries(some.map(([reason, count]) => [`dropped_${snakeCase(reason)}`, count]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

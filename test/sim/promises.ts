import type { Packet } from '../../src/codec/packet.ts';
import type { ModelConnection } from './model-connection.ts';

const FAILURE = 0x80;

/** What the broker knows, and has not kept. */
interface Unkept {
  readonly clientId: string;
  /** Whether the session outlives its connection. */
  readonly isDurable: boolean;
  /** Whether the message to which a PUBACK belongs has to be kept. */
  readonly isTaking: boolean;
}

/**
 * What a packet promises that has to outlive the broker, in a turn of which nothing is kept;
 * undefined if nothing. The model has not heard of that turn: it knows what was kept before.
 */
export function promiseOf(
  packet: Packet,
  { session }: ModelConnection,
  { clientId, isDurable, isTaking }: Unkept,
): string | undefined {
  if (packet.type === 'puback' && packet.reasonCode < FAILURE && isTaking) {
    return `PUBACK ${packet.packetId} to ${clientId} before its message is kept`;
  }
  if (!isDurable) return undefined;
  const isPromise = promises(packet, session);
  return isPromise ? `${packet.type.toUpperCase()} to ${clientId} before it is kept` : undefined;
}

function promises(packet: Packet, session: ModelConnection['session']): boolean {
  switch (packet.type) {
    case 'connack':
      return packet.reasonCode === 0;
    case 'suback':
    case 'unsuback':
      return true;
    case 'publish':
      return packet.qos === 2 && !packet.isDuplicate;
    case 'pubrel':
      return session?.flights.get(packet.packetId)?.stage === 'publish';
    case 'pubcomp':
      return session?.held.has(packet.packetId) === true;
    default:
      return false;
  }
}

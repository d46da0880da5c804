import type { ConnackPacket, ConnectPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';

/** What CONNECT and CONNACK settle for a connection. */
export interface ConnectionTerms {
  /** Whether CONNECT was seen, and so all that came before. */
  readonly isWhole: boolean;
  readonly isResumed: boolean;
  readonly connect: ConnectPacket | undefined;
  readonly client: PropertiesOf<'connect'> | undefined;
  /** Undefined before an accepting CONNACK, and where none was seen. */
  readonly server: PropertiesOf<'connack'> | undefined;
}

export const UNKNOWN_TERMS: ConnectionTerms = {
  isWhole: false,
  isResumed: false,
  connect: undefined,
  client: undefined,
  server: undefined,
};

/** The seconds within which the client has to send something; undefined if any will do. */
export function keepAliveSeconds({ connect, server }: ConnectionTerms): number | undefined {
  const seconds = server?.serverKeepAlive ?? connect?.keepAliveSeconds;
  return seconds === 0 ? undefined : seconds;
}

/** What a server calls a client: what the client said, or was given. */
export function clientIdOf({ connect, server }: ConnectionTerms): string | undefined {
  const given = server?.assignedClientIdentifier;
  return connect?.clientId === '' ? given : connect?.clientId;
}

/** Whether a session outlives its connection. */
export function isLasting({ connect, server }: ConnectionTerms): boolean {
  if (connect === undefined) return false;
  if (connect.level !== 5) return !connect.isCleanStart;
  const expiry = server?.sessionExpiryInterval ?? connect.properties.sessionExpiryInterval;
  return (expiry ?? 0) > 0;
}

/** Whether a CONNACK lets the client in, in the codes of its version. */
export function isAccepted({ reasonCode }: ConnackPacket): boolean {
  return reasonCode === 0;
}

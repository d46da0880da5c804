import { Buffer } from 'node:buffer';
import type { ProtocolError } from '../codec/protocol-error.ts';
import { REASONS, type ReasonName, reasonCode } from '../codec/reason-code.ts';
import type { BrokerEvent } from './broker-ports.ts';

/** Why a connection ends. */
export interface ConnectionEnd {
  readonly by: 'client' | 'server' | 'network';
  /** Sent in DISCONNECT or CONNACK where the version has them; undefined: closed without a word. */
  readonly reason?: ReasonName;
  readonly message: string;
  /** The rule that was broken, if one was. */
  readonly error?: ProtocolError;
  /** False if the client has said goodbye so that its will is not to be sent [MQTT-3.14.4-3]. */
  readonly keepsWill: boolean;
}

/** The parts of a connection that its log lines name. */
export interface LoggedConnection {
  readonly clientId: string | undefined;
  readonly channel: { readonly peer: string };
  readonly level: 3 | 4 | 5;
  readonly state: { readonly kind: string };
}

/** What the log calls the versions. */
export const VERSION_NAMES = { 3: '3.1', 4: '3.1.1', 5: '5' } as const;

/** The one line that says how a connection ended, or why it was refused. */
export function endEvent(connection: LoggedConnection, why: ConnectionEnd): BrokerEvent {
  const { error, reason } = why;
  const isRefusal = connection.clientId === undefined;
  const isFault = error !== undefined || (reason !== undefined && reasonCode(reason) >= 0x80);
  return {
    level: isFault ? 'warn' : 'info',
    event: eventName(why, isRefusal),
    fields: {
      client: connection.clientId ?? '-',
      addr: connection.channel.peer,
      version: isRefusal ? undefined : VERSION_NAMES[connection.level],
      by: why.by,
      reason: reason === undefined ? undefined : REASONS[reason].title,
      code: reason === undefined ? undefined : hexCode(reasonCode(reason)),
      clause: error?.clauses[0],
      offset: error?.offset,
      message: why.message,
    },
  };
}

/** `0x81`. */
export function hexCode(code: number): string {
  return `0x${Buffer.of(code).toString('hex')}`;
}

function eventName(why: ConnectionEnd, isRefusal: boolean): string {
  if (isRefusal) return 'connect_refused';
  return why.by === 'network' ? 'connection_lost' : 'disconnect';
}

import { hexByte } from '../base/hex-byte.ts';
import type { ProtocolError } from '../codec/protocol-error.ts';
import { isFailure, REASONS, type ReasonName, reasonCode } from '../codec/reason-code.ts';
import type { BrokerEvent } from './broker-ports.ts';
import { nextStep } from './next-step.ts';

/** Why a connection ends. */
export interface ConnectionEnd {
  readonly by: 'client' | 'server' | 'network';
  /** Sent in DISCONNECT or CONNACK where the version has them; undefined: closed without a word. */
  readonly reason?: ReasonName;
  /** For the log and, from the server, for the client: it names no files and no other clients. */
  readonly message: string;
  /** What the log alone may say. */
  readonly cause?: string;
  /** The rule that was broken, if one was. */
  readonly error?: ProtocolError | undefined;
  /** False if the client has said goodbye so that its will is not to be sent [MQTT-3.14.4-3]. */
  readonly keepsWill: boolean;
  /** Another connection goes on with the session, or begins a new one under the same id. */
  readonly isTakenOver?: boolean;
}

/** The parts of a connection that its log lines name. */
export interface LoggedConnection {
  readonly clientId: string | undefined;
  readonly userName: string | undefined;
  readonly channel: { readonly peer: string };
  readonly level: 3 | 4 | 5;
}

/** What the log calls the versions. */
export const VERSION_NAMES = { 3: '3.1', 4: '3.1.1', 5: '5' } as const;
/** Peers write parts of some messages: a line shows no more of one than this. */
const MESSAGE_MAX = 300;

/** The one line that says how a connection ended, or why it was refused. */
export function endEvent(
  connection: LoggedConnection,
  why: ConnectionEnd,
  wasConnected: boolean,
): BrokerEvent {
  const { error, reason } = why;
  const { clientId, level, userName } = connection;
  const isFault = error !== undefined || (reason !== undefined && isFailure(reasonCode(reason)));
  return {
    level: isFault ? 'warn' : 'info',
    event: eventName(why, wasConnected),
    fields: {
      client: clientId ?? '-',
      addr: connection.channel.peer,
      user: userName,
      version: clientId === undefined ? undefined : VERSION_NAMES[level],
      by: why.by,
      reason: reason === undefined ? undefined : REASONS[reason].title,
      code: reason === undefined ? undefined : hexByte(reasonCode(reason)),
      clause: error?.clauses[0],
      offset: error?.offset,
      message: why.message.slice(0, MESSAGE_MAX),
      cause: why.cause?.slice(0, MESSAGE_MAX),
      next: nextStep(why),
    },
  };
}

function eventName(why: ConnectionEnd, wasConnected: boolean): string {
  if (!wasConnected) return 'connect_refused';
  return why.by === 'network' ? 'connection_lost' : 'disconnect';
}

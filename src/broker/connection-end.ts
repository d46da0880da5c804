import { hexByte } from '../base/hex-byte.ts';
import type { ProtocolError } from '../codec/protocol-error.ts';
import {
  isFailure,
  REASONS,
  type ReasonName,
  reasonCode,
  returnCode,
} from '../codec/reason-code.ts';
import type { ServerState } from '../session/connection-state.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { BrokerEvent } from './broker-ports.ts';
import type { FaultBytes } from './fault-bytes.ts';
import { LimitError } from './limit-error.ts';
import { limitOf, nextStep } from './next-step.ts';

/** Why a connection ends. */
export interface ConnectionEnd {
  readonly by: 'client' | 'server' | 'network';
  /** What the log calls it, where it has a name of its own. */
  readonly event?: 'write_timeout';
  /** Sent in DISCONNECT or CONNACK where the version has them; undefined: closed without a word. */
  readonly reason?: ReasonName;
  /** For the log and, from the server, for the client: it names no files and no other clients. */
  readonly message: string;
  /** What the log alone may say. */
  readonly cause?: string;
  /** The option whose limit was reached, if it was one. */
  readonly limit?: string | undefined;
  /** Where the client is to go instead, where the version can say it. */
  readonly serverReference?: string | undefined;
  /** The rule that was broken, if one was. */
  readonly error?: ProtocolError | undefined;
  /** The packet that was refused, and what may be shown of it. */
  readonly bytes?: FaultBytes;
  /** False if the client has said goodbye so that its will is not to be sent [MQTT-3.14.4-3]. */
  readonly keepsWill: boolean;
  /** The peer never said a word: probes of the port do that, and nobody misses anything. */
  readonly isProbe?: boolean;
  /** What to do about it, where reason and rule do not say it. */
  readonly next?: string;
  /** Another connection goes on with the session, or begins a new one under the same id. */
  readonly isTakenOver?: boolean;
}

/** The parts of a connection that its log lines name. */
export interface LoggedConnection {
  readonly core: { readonly config: BrokerConfig };
  readonly clientId: string | undefined;
  readonly userName: string | undefined;
  readonly channel: { readonly peer: string };
  /** What the listener is called that let it in. */
  readonly listener: string | undefined;
  readonly level: 3 | 4 | 5;
}

/** What the log calls the versions. */
export const VERSION_NAMES = { 3: '3.1', 4: '3.1.1', 5: '5' } as const;
/** Peers write parts of some messages: a line shows no more of one than this. */
const MESSAGE_MAX = 300;

/** How a connection was lost: how far it had come, and what the network says. */
export function lossOf(
  state: ServerState,
  heldBytes: number,
  error: Error | undefined,
): ConnectionEnd {
  const isProbe = state.kind === 'awaitingConnect' && heldBytes === 0;
  const what = error?.message ?? 'the client closed the connection';
  return {
    by: 'network',
    message: `${what}${whenLost(state, heldBytes)}`,
    isProbe,
    keepsWill: true,
  };
}

/** What is at hand of the packet that was refused. */
interface FaultSource {
  faultBytes(offset: number | undefined): FaultBytes;
}

/** A connection whose client has done what it may not. */
export function endByFault(
  fault: ProtocolError | LimitError,
  source: FaultSource,
): ConnectionEnd & { readonly reason: ReasonName } {
  const { reason } = fault;
  if (fault instanceof LimitError) {
    const { limit, message } = fault;
    const bytes = source.faultBytes(undefined);
    return { by: 'server', reason, message, limit, bytes, keepsWill: true };
  }
  const { packet, ...shown } = source.faultBytes(fault.offset);
  // What is no MQTT at all looks like a packet of some type only.
  const bytes = fault.rule === 'connect-first' ? shown : { packet, ...shown };
  const limit = limitOf(fault, packet === 'CONNECT');
  const why = { by: 'server', reason, limit, bytes, keepsWill: true } as const;
  return { ...why, message: fault.what, error: fault };
}

/** A connection on which the client has taken nothing for too long. */
export function writeTimeout({
  writeTimeoutMs,
}: Pick<BrokerConfig, 'writeTimeoutMs'>): ConnectionEnd {
  return {
    by: 'server',
    event: 'write_timeout',
    limit: '--write-timeout',
    message: `the client took nothing for ${writeTimeoutMs} ms, and something waits for it`,
    next: 'the client or its network hangs: look there first',
    keepsWill: true,
  };
}

function whenLost(state: ServerState, heldBytes: number): string {
  if (state.kind === 'connected') return '';
  if (state.kind === 'judging') return ', while its CONNECT was judged';
  return heldBytes === 0 ? ', and had sent nothing' : ` after ${heldBytes} bytes of CONNECT`;
}

/** How the log names a client. */
export interface PeerFields {
  readonly client: string;
  readonly addr: string;
  readonly user: string | undefined;
  readonly listener: string | undefined;
  readonly version: string | undefined;
}

/** Whom a line is about. */
export function peerFields(connection: LoggedConnection): PeerFields {
  const { channel, clientId, level, listener, userName } = connection;
  return {
    client: clientId ?? '-',
    addr: channel.peer,
    user: userName,
    listener,
    version: clientId === undefined ? undefined : VERSION_NAMES[level],
  };
}

/** The one line that says how a connection ended, or why it was refused. */
export function endEvent(
  connection: LoggedConnection,
  why: ConnectionEnd,
  wasConnected: boolean,
): BrokerEvent {
  const { error, reason } = why;
  const { level } = connection;
  return {
    level: levelOf(why, connection.core.config),
    event: eventName(why, wasConnected),
    fields: {
      ...peerFields(connection),
      by: why.by,
      reason: reason === undefined ? undefined : REASONS[reason].title,
      code: reason === undefined ? undefined : hexByte(codeOf(reason, level, wasConnected)),
      clause: error?.clauses[0],
      packet: why.bytes?.packet,
      offset: error?.offset,
      bytes: why.bytes?.bytes,
      bytes_from: why.bytes?.bytes_from,
      limit: why.limit,
      message: why.message.slice(0, MESSAGE_MAX),
      cause: why.cause?.slice(0, MESSAGE_MAX),
      next: nextStep(why, connection.core.config),
    },
  };
}

/** As the client is told it, where its version has a code for it. */
function codeOf(reason: ReasonName, level: 3 | 4 | 5, wasConnected: boolean): number {
  const code = wasConnected || level === 5 ? undefined : returnCode(reason);
  return code ?? reasonCode(reason);
}

/** Ends that are nobody's fault, although their codes count as failures. */
const ORDERLY: readonly (ReasonName | undefined)[] = ['serverShuttingDown', 'useAnotherServer'];

function levelOf(
  { by, error, event, isProbe, reason }: ConnectionEnd,
  { logsConnections }: LoggedConnection['core']['config'],
): BrokerEvent['level'] {
  const isFault = error !== undefined || (reason !== undefined && isFailure(reasonCode(reason)));
  if (event !== undefined || (isFault && !ORDERLY.includes(reason))) return 'warn';
  const isGoodbye = by === 'client' && !logsConnections;
  return isProbe === true || isGoodbye ? 'debug' : 'info';
}

function eventName(why: ConnectionEnd, wasConnected: boolean): string {
  if (why.event !== undefined) return why.event;
  if (why.by === 'network') return 'connection_lost';
  return wasConnected ? 'disconnect' : 'connect_refused';
}

import type { ByteChannel } from '../base/byte-channel.ts';
import type { CallerError } from '../base/caller-error.ts';
import type { ConnectPacket, DisconnectPacket, Packet } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import type { ClientSession } from './client-session.ts';
import type { IncomingMessage } from './publication.ts';
import type { ServerLimits } from './server-limits.ts';

/** What CONNECT says. Enhanced authentication is no part of it: AUTH is refused. */
export type ConnectRequest = Omit<ConnectPacket, 'type' | 'properties'> & {
  readonly properties: Omit<PropertiesOf<'connect'>, 'authenticationMethod' | 'authenticationData'>;
};

/** How a connection is left: by code 0x00, or by 0x04, upon which the server publishes the will. */
export type Goodbye = Pick<DisconnectPacket, 'reasonCode' | 'properties'>;

/** What CONNACK has said. */
export interface Welcome {
  /** The one that the server has chosen, or that of CONNECT. */
  readonly clientId: string;
  readonly isSessionPresent: boolean;
  /** The server's choice, or that of CONNECT; 0 is off. */
  readonly keepAliveSeconds: number;
  readonly limits: ServerLimits;
}

/** How a connection ended. */
export interface ClientEnd {
  /** Undefined if it was asked to, and the peer has closed its side in peace, or not in time. */
  readonly error: CallerError | undefined;
  /** Whether `end` had been called before. */
  readonly wasAsked: boolean;
  /** Whether a single byte has come. */
  readonly hasAnswered: boolean;
}

/** Whom a connection tells what happens, and whom it asks for time. */
export interface ClientHost {
  /** Milliseconds from some moment; never goes back. */
  nowMs(): number;
  /** Calls back once, when all else that the present turn of events brings is done. */
  atTurnEnd(callback: () => void): void;
  /** Calls `onDeadline` when it is `atMs`, in place of what was asked before; Infinity is never. */
  wakeAt(atMs: number): void;
  /** CONNACK has accepted. */
  onConnected(welcome: Welcome): void;
  onMessage(message: IncomingMessage): void;
  /** A packet was sent, or has come: for who wants to see each. */
  onPacket?(direction: 'sent' | 'received', packet: Packet): void;
  /** The server has taken all that was held up: there may be room again. */
  onDrained(): void;
  /** The last call. */
  onEnd(end: ClientEnd): void;
}

/** What a connection is made of. */
export interface ClientSetup {
  readonly channel: ByteChannel;
  readonly session: ClientSession;
  readonly host: ClientHost;
  readonly connect: ConnectRequest;
  /** How `end` leaves; without it, in peace. Before 5.0, 0x04 is a close without DISCONNECT. */
  readonly goodbye?: Goodbye | undefined;
  /** How the person calls the server: `localhost:1883`. */
  readonly server: string;
  /** When CONNACK must have come, by `nowMs`. */
  readonly connackBeforeMs: number;
}

import {
  type Backend,
  type DeliveryStep,
  type Done,
  type PacketIdEvent,
  type SessionMeta,
  StorageFullError,
  type StoredSession,
} from './backend.ts';
import type { BrokerPorts } from './broker-ports.ts';
import type { Connection } from './connection.ts';
import type { KeptDelivery } from './publication.ts';

/** What the backend is told of sessions, and what becomes of it where it cannot keep that. */
export class Journal {
  readonly #backend: Backend;
  readonly #ports: BrokerPorts;

  constructor(backend: Backend, ports: BrokerPorts) {
    this.#backend = backend;
    this.#ports = ports;
  }

  /** Whether the backend is to be told of a session's messages. */
  keepsMessagesOf(session: StoredSession): boolean {
    return session.isDurable && !this.#backend.isVolatile;
  }

  /** A step that nobody waits for. */
  mark(session: StoredSession, event: PacketIdEvent, packetId: number): void {
    if (this.keepsMessagesOf(session)) this.#mark(session, { event, packetId });
  }

  markQueued(session: StoredSession, delivery: KeptDelivery): void {
    if (this.keepsMessagesOf(session)) this.#mark(session, { event: 'queued', delivery });
  }

  markDequeued(session: StoredSession): void {
    if (this.keepsMessagesOf(session)) this.#mark(session, DEQUEUED);
  }

  /**
   * A message is about to be sent. With QoS 2 nothing leaves before that is kept: a broker that is
   * killed then would send it again under another id, or another one under this id.
   */
  markSent(
    connection: Connection,
    session: StoredSession,
    packetId: number,
    delivery: KeptDelivery,
  ): void {
    if (!this.keepsMessagesOf(session)) return;
    const step = { event: 'sent', packetId, delivery } as const;
    if (delivery.qos === 1) {
      this.#mark(session, step);
      return;
    }
    const { output } = connection;
    output.hold();
    this.#backend.sessions.mark(session, step, (error) => {
      connection.guard(() => {
        if (error === undefined) output.letGo();
        else this.fail(connection, error);
      });
    });
  }

  /** A step that `next` waits for; the connection ends if it fails. */
  markThen(
    connection: Connection,
    session: StoredSession,
    step: { readonly event: PacketIdEvent; readonly packetId: number },
    next: () => void,
  ): void {
    if (!this.keepsMessagesOf(session)) {
      next();
      return;
    }
    this.#backend.sessions.mark(session, step, (error) => {
      connection.guard(() => {
        if (error === undefined) next();
        else this.fail(connection, error);
      });
    });
  }

  /** A session has changed, and `done` waits for that. */
  save(session: SessionMeta, done: Done): void {
    this.#backend.sessions.saveMeta(session, done);
  }

  /** A session has changed while its client is away: what goes wrong is the log's. */
  saveAway(session: SessionMeta): void {
    this.#backend.sessions.saveMeta(session, this.#logFailure(session, 'not saved'));
  }

  /** Gives a client id up. Nobody waits for that, either. */
  release(session: StoredSession, why: 'offline' | 'ended'): void {
    this.#backend.sessions.release(session, why, this.#logFailure(session, 'not released'));
  }

  /** The backend could not keep what an answer would promise: the client must ask again. */
  fail(connection: Connection, error: Error): void {
    const isFull = error instanceof StorageFullError;
    connection.end({
      by: 'server',
      reason: isFull ? 'quotaExceeded' : 'implementationSpecificError',
      message: NOT_KEPT,
      cause: error.message,
      keepsWill: true,
    });
  }

  #mark(session: StoredSession, step: DeliveryStep): void {
    this.#backend.sessions.mark(session, step, undefined);
  }

  #logFailure({ clientId: client }: StoredSession, state: string): Done {
    return (error) => {
      if (error === undefined) return;
      const fields = { client, state, message: error.message };
      this.#ports.log({ level: 'error', event: 'backend', fields });
    };
  }
}

const DEQUEUED = { event: 'dequeued' } as const;

/** What clients are told where the backend fails: whose disk it is, and why, is the log's. */
export const NOT_KEPT = 'the state cannot be kept';

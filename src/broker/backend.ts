import type { KeptMessage, Message } from '../session/message.ts';

/** Called exactly once; may be called before the function that took it returns. */
export type Done = (error?: Error) => void;

/** A session, as far as a backend has to know it. */
export interface StoredSession {
  readonly clientId: string;
  /** Whether it outlives its connection: only then is anything stored of it. */
  readonly isDurable: boolean;
  /**
   * Of the claim that it stands on. Grows with each claim of a client id: what is done with an
   * older one is void. It may change with the next claim: read it when you are called.
   */
  readonly epoch: number;
}

/** A step in the life of one message in one session. */
type DeliveryEvent =
  /** It waits for the client, or is about to be sent to it with QoS 1 or 2. */
  | 'queued'
  /** The client has acknowledged it with PUBACK, or refused it. */
  | 'acked'
  /** The client has it: PUBREC came, PUBREL may go out. */
  | 'received'
  /** PUBCOMP came. */
  | 'complete'
  /** PUBREL of a message from the client came, PUBCOMP may go out. */
  | 'released';

/** One message of a durable session went a step on. */
export interface DeliveryStep {
  readonly event: DeliveryEvent;
  readonly packetId: number;
  /** With `queued` alone. */
  readonly message?: KeptMessage;
}

/** Message plane: where a PUBLISH becomes safe, and how it comes back. */
export interface MessageLog {
  /** Sequence number of the last message that was handed to the host. */
  readonly position: number;
  /**
   * Takes a message, and hands it to the host in its turn. Its bytes are good until this returns:
   * a backend that takes its time keeps it (`keepMessage`). `done` means that PUBACK or PUBREC may
   * go out, and says whether anybody subscribes to the message; it is left out for QoS 0.
   */
  publish(
    message: Message,
    dedupeId: string | undefined,
    done: ((error: Error | undefined, isMatched: boolean) => void) | undefined,
  ): void;
  /** First and last local subscription to a filter; `done` means that SUBACK may go out. */
  interest(filter: string, shareName: string | undefined, isWanted: boolean, done: Done): void;
}

/** Session plane: who owns a client id, and what outlives its connection. */
export interface SessionStore {
  /**
   * Takes a client id over, from other nodes and from this one: no `release` of an older claim
   * follows then. With `isCleanStart` all that is stored under the id is void. Claims of one id are
   * answered in their order; `epoch` means nothing where there is an error.
   */
  claim(
    clientId: string,
    isCleanStart: boolean,
    done: (error: Error | undefined, epoch: number) => void,
  ): void;
  /** Subscriptions, will and expiry have changed: `done` before SUBACK and CONNACK. */
  saveMeta(session: StoredSession, done: Done): void;
  /** One message of a durable session went a step on; `done` where an answer waits for it. */
  mark(session: StoredSession, step: DeliveryStep, done: Done | undefined): void;
  /** Gives what a session missed since `from`, until `each` says that it can take no more. */
  replay(
    session: StoredSession,
    from: number,
    each: (message: KeptMessage) => boolean,
    done: Done,
  ): void;
  release(session: StoredSession, why: 'offline' | 'ended', done: Done): void;
}

/** What a backend asks of the core. */
export interface BackendHost {
  /** Routes a message to all who subscribe here: how many. In sequence order, synchronous. */
  deliver(message: Message): number;
  /** The client id was taken over elsewhere. */
  evict(clientId: string, epoch: number, done: Done): void;
  /** The backend is lost, or back. */
  online(isOnline: boolean, why?: string): void;
}

/** The seam between the core and where state lives. */
export interface Backend {
  /**
   * Whether nothing outlives the process: then the core may deliver messages by itself, and keeps
   * neither them nor the steps of their deliveries from going on.
   */
  readonly isVolatile: boolean;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
}

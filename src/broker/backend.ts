import type { QoS, RetainHandling } from '../codec/packet.ts';
import type { KeptMessage, Message } from '../session/message.ts';
import type { PendingWill, Subscription } from './client-session.ts';
import type { KeptDelivery } from './publication.ts';

/*
 * What every backend keeps to:
 *
 * - A turn is kept as a whole or not at all: what it is asked for between two calls of `atTurnEnd`,
 *   of the log and of the sessions, in its order. Once it has died with the process it is as it was
 *   behind some turn, and behind each whose `done` it has called.
 * - `done` is called exactly once, and not before what it stands for outlives the process. Where
 *   nothing has to be kept it is called at once. They come in any order, but for those of which it
 *   is said.
 * - What is asked for without `done` is kept all the same, if later: a disk that is full delays it.
 * - Times are on the broker's clock, which begins anew with each process. Who stores them turns
 *   them into those of the wall clock, and back.
 * - What it is given may change once the call has returned, but for a `KeptMessage`: where several
 *   sessions get one it is the same object in each of them.
 */

/** Called exactly once; may be called before the function that took it returns. */
export type Done = (error?: Error) => void;

/**
 * There is no room to keep more: clients are told so (0x97), and go on. Any other error ends the
 * connection that asked.
 */
export class StorageFullError extends Error {}

/** A session, as far as a backend has to know it. */
export interface StoredSession {
  readonly clientId: string;
  /**
   * Whether it outlives its connection: only then are its messages stored. Of any other nothing is
   * but its will.
   */
  readonly isDurable: boolean;
  /**
   * Of the claim that it stands on. Grows with each claim of a client id, also over restarts: what
   * is done with an older one is void. It may change with the next claim: read it when you are
   * called.
   */
  readonly epoch: number;
}

/** What is kept of a session beside its messages. */
export interface SessionMeta extends StoredSession {
  /** Counted from the end of the connection; `EXPIRY_NEVER` is for ever. */
  readonly expirySeconds: number;
  /** By the text of the filter, with `$share/...`. */
  readonly subscriptions: Iterable<readonly [string, Subscription]>;
  /** What is to be published once it is due; undefined if nothing is. */
  readonly will: PendingWill | undefined;
  /** Since when the client is away: will and expiry count from there. Undefined if it is here. */
  readonly awaySinceMs: number | undefined;
}

/** A step in the life of one message of a durable session. */
export type DeliveryStep =
  /** It waits for the client, behind all that do. */
  | { readonly event: 'queued'; readonly delivery: KeptDelivery }
  /** The first of those that wait does so no more: it is dropped, or about to be sent. */
  | { readonly event: 'dequeued' }
  /**
   * It is about to be sent under this id, with QoS 1 or 2, behind all that were. With QoS 2 it
   * leaves once that is kept: a client that has it must never get it under another id.
   */
  | { readonly event: 'sent'; readonly packetId: number; readonly delivery: KeptDelivery }
  | { readonly event: PacketIdEvent; readonly packetId: number };

export type PacketIdEvent =
  /** The client has acknowledged it with PUBACK, or refused it; or it is too large for it. */
  | 'acked'
  /** The client has it: PUBREC came, PUBREL may go out. */
  | 'received'
  /** PUBCOMP came. */
  | 'complete'
  /** A QoS 2 message came from the client: who repeats its id means the same one. */
  | 'held'
  /** PUBREL of such a message came, and PUBCOMP may go out; or it could not be kept. */
  | 'released';

/** A subscription, as it was when the broker ended. */
export interface KeptSubscription {
  /** With `$share/...`. */
  readonly topicFilter: string;
  /** Whether `$share/...` means a group: before 5.0 it may be text like any other. */
  readonly isShared: boolean;
  readonly qos: QoS;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly identifier: number | undefined;
}

/** A message that was sent to a client, and that it had not finished when the broker ended. */
export interface KeptFlight {
  readonly packetId: number;
  readonly qos: 1 | 2;
  /** What is repeated: PUBLISH until PUBREC, then PUBREL. */
  readonly stage: 'publish' | 'pubrel';
  /** Undefined once PUBREC came. */
  readonly delivery: KeptDelivery | undefined;
}

/** A session, as it was when the broker ended. One that is not durable is kept for its will. */
export interface KeptSession {
  readonly clientId: string;
  readonly epoch: number;
  readonly expirySeconds: number;
  readonly will: PendingWill | undefined;
  /** Undefined if its client was here. */
  readonly awaySinceMs: number | undefined;
  readonly subscriptions: Iterable<KeptSubscription>;
  /** QoS 2 ids of the client between PUBLISH and PUBREL. */
  readonly heldIds: Iterable<number>;
  /** In the order in which they were sent. */
  readonly flights: Iterable<KeptFlight>;
  /** What waits behind them, in its order. No payload is read where `keepElsewhere` has it. */
  readonly queue: Iterable<KeptDelivery>;
}

/** Message plane: where a PUBLISH becomes safe, and how it comes back. */
export interface MessageLog {
  /** Sequence number of the last message that was handed to the host. */
  readonly position: number;
  /**
   * Takes a message, and hands it to the host in its turn. Its bytes are good until this returns:
   * a backend that takes its time keeps it (`keepMessage`). From within `deliver` it is told which
   * durable sessions want it, by `mark`: a message that none of them wants, and that is not to be
   * retained, is not stored.
   *
   * One with RETAIN takes the place of what its topic had, or clears it where its payload is empty;
   * one that `isPassing` does neither.
   *
   * `done` means that PUBACK or PUBREC may go out, and says whether anybody subscribes to the
   * message; it is left out for QoS 0. With an error nobody has got it, and nothing is kept of it.
   */
  publish(
    message: Message,
    dedupeId: string | undefined,
    done: ((error: Error | undefined, isMatched: boolean) => void) | undefined,
  ): void;
  /** The retained message of a topic has expired, and is not there any more. */
  forget(topicName: string): void;
  /** First and last local subscription to a filter; `done` means that SUBACK may go out. */
  interest(filter: string, shareName: string | undefined, isWanted: boolean, done: Done): void;
}

/** Session plane: who owns a client id, and what outlives its connection. */
export interface SessionStore {
  /**
   * Takes a client id over, from other nodes and from this one: no `release` of an older claim
   * follows then. With `isCleanStart` all that is stored under the id is void. Claims of one id are
   * answered in their order; `epoch` means nothing where there is an error. Where no other node has
   * to be asked `done` is called at once: nothing is promised before `saveMeta` has its own.
   */
  claim(
    clientId: string,
    isCleanStart: boolean,
    done: (error: Error | undefined, epoch: number) => void,
  ): void;
  /**
   * Subscriptions, will or expiry have changed, or the client has come or gone: `done` before
   * CONNACK, SUBACK and UNSUBACK. Of a session that is not durable any more all is void but its
   * will.
   */
  saveMeta(session: SessionMeta, done: Done): void;
  /** One message of a durable session went a step on; `done` where something waits for it. */
  mark(session: StoredSession, step: DeliveryStep, done: Done | undefined): void;
  /** Gives what a session missed since `from`, until `each` says that it can take no more. */
  replay(
    session: StoredSession,
    from: number,
    each: (message: KeptMessage) => boolean,
    done: Done,
  ): void;
  /** The client is gone; `ended`: so is its session, and all that is stored of it is void. */
  release(session: StoredSession, why: 'offline' | 'ended', done: Done): void;
}

/** What a backend asks of the core. */
export interface BackendHost {
  /** While it recovers: a retained message, of which nobody is told. */
  restoreRetained(message: KeptMessage): void;
  /**
   * While it recovers: a session, behind all retained messages. Its client is away, since now if
   * it was not before, which is saved at once.
   */
  restoreSession(kept: KeptSession): void;
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
   * Whether nothing outlives the process: then the core may deliver messages by itself, and tells
   * of no steps of their deliveries.
   */
  readonly isVolatile: boolean;
  /**
   * Gives the host what it has kept; called once, before anything else is. What has expired
   * meanwhile is the host's to find out.
   */
  recover(done: Done): void;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
}

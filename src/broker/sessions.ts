import type { KeptSession } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import { ClientSession } from './client-session.ts';
import type { Connection } from './connection.ts';
import { TakeoverTimes } from './takeover-flapping.ts';

/** What a CONNECT asks of the session with its client id. */
export interface SessionRequest {
  readonly clientId: string;
  readonly isCleanStart: boolean;
  readonly expirySeconds: number;
  /** Of the claim by which the client id belongs to this broker. */
  readonly epoch: number;
}

/** All sessions by client id: at most one connection has each of them [MQTT-3.1.3-2]. */
export class Sessions {
  readonly #byClientId = new Map<string, ClientSession>();
  readonly #core: BrokerCore;

  constructor(core: BrokerCore) {
    this.#core = core;
  }

  get size(): number {
    return this.#byClientId.size;
  }

  find(clientId: string): ClientSession | undefined {
    return this.#byClientId.get(clientId);
  }

  values(): IterableIterator<ClientSession> {
    return this.#byClientId.values();
  }

  /** Whether one more session may be kept; one that goes on always may. */
  hasRoomFor(clientId: string): boolean {
    return this.size < this.#core.config.sessionsMax || this.#byClientId.has(clientId);
  }

  /**
   * Ends what an older connection with this client id does [MQTT-3.1.4-3], and gives the session
   * that the new one goes on with: the old one, or a new one [MQTT-3.1.2-4] [MQTT-3.1.2-5]
   * [MQTT-3.1.2-6].
   */
  open(
    request: SessionRequest,
    by: Connection,
  ): { readonly session: ClientSession; readonly isPresent: boolean } {
    const { clientId, epoch, expirySeconds, isCleanStart } = request;
    const old = this.#byClientId.get(clientId);
    // Before anything happens to it: what is done with an older claim is void.
    if (old !== undefined && !isCleanStart) old.epoch = epoch;
    if (old?.connection !== undefined) this.#takeOver(old, old.connection, by);
    const left = this.#byClientId.get(clientId);
    if (left !== undefined && !isCleanStart) {
      left.expirySeconds = expirySeconds;
      return { session: left, isPresent: true };
    }
    if (left !== undefined) this.#core.endSession(left, 'replaced');
    const session = new ClientSession(this.#core, request);
    session.takeovers = old?.takeovers;
    this.#byClientId.set(clientId, session);
    return { session, isPresent: false };
  }

  /** A session that was kept while the broker was away. */
  restore(kept: KeptSession): void {
    const { clientId, epoch, expirySeconds } = kept;
    const request = { clientId, epoch, expirySeconds, isCleanStart: false };
    const session = new ClientSession(this.#core, request);
    this.#byClientId.set(clientId, session);
    session.restore(kept);
  }

  remove(session: ClientSession): void {
    if (this.#byClientId.get(session.clientId) === session) {
      this.#byClientId.delete(session.clientId);
    }
  }

  /**
   * The older connection ends. Its will is published, but for one that waits and whose session goes
   * on: that of the new connection takes its place before its delay has passed [MQTT-3.1.3-9].
   */
  #takeOver(session: ClientSession, connection: Connection, by: Connection): void {
    session.takeovers ??= new TakeoverTimes();
    session.takeovers.note(this.#core.ports.nowMs());
    const fields = {
      client: session.clientId,
      old: connection.channel.peer,
      new: by.channel.peer,
      age: `${connection.ageSeconds}s`,
    };
    this.#core.ports.log({ level: 'info', event: 'takeover', fields });
    connection.end({
      by: 'server',
      reason: 'sessionTakenOver',
      message: 'another connection uses this client id',
      keepsWill: true,
      isTakenOver: true,
    });
  }
}

import type { Buffer } from 'node:buffer';
import type {
  Backend,
  BackendHost,
  Done,
  MessageLog,
  SessionMeta,
  SessionStore,
  StoredSession,
} from '../../src/broker/backend.ts';
import type { Message } from '../../src/session/message.ts';
import { copyOf, type SurvivingStore, storedMeta, storedStep } from './surviving-store.ts';

/** What is written together, and whom to tell then. */
class Batch {
  readonly steps: (() => void)[] = [];
  readonly done: (() => void)[] = [];
  /** Client ids of which it changes what is stored. */
  readonly clientIds = new Set<string>();
  /** Payloads of messages that have to be kept. */
  readonly payloads = new Set<string>();

  get isEmpty(): boolean {
    return this.steps.length + this.done.length === 0;
  }

  write(): void {
    for (const step of this.steps) step();
  }
}

/**
 * A backend whose state survives the broker: what the next broker gets from it is what this one has
 * told it through the seam, and nothing else. It works as a disk with group commit does: one batch
 * is being written, another one collects what comes meanwhile, and `goOn` says when it is so far.
 */
export class SurvivingBackend implements Backend {
  readonly isVolatile = false;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly #store: SurvivingStore;
  readonly #host: BackendHost;
  #open = new Batch();
  #writing: Batch | undefined = undefined;
  /** Of which something is stored, or will be. */
  readonly #known: Set<string>;
  /** Of each client id the last one: what is done with an older one is void. */
  readonly #claims = new Map<string, number>();
  #epoch = 0;

  constructor(host: BackendHost, store: SurvivingStore) {
    this.#host = host;
    this.#store = store;
    this.#known = new Set(store.sessions.keys());
    for (const { meta } of store.sessions.values()) this.#noteClaim(meta);
    this.log = {
      position: 0,
      publish: (message, _dedupeId, done) => this.#publish(message, done),
      forget: (topicName) => this.#add(() => store.retained.delete(topicName)),
      interest: (_filter, _shareName, _isWanted, done) => done(),
    };
    this.sessions = {
      claim: (clientId, isCleanStart, done) => {
        if (isCleanStart && this.#known.has(clientId)) this.#remove(clientId);
        const epoch = this.#epoch + 1;
        this.#noteClaim({ clientId, epoch });
        done(undefined, epoch);
      },
      saveMeta: (session, done) => this.#saveMeta(session, done),
      mark: (session, step, done) => {
        if (this.#isVoid(session)) {
          done?.();
          return;
        }
        const stored = storedStep(store, step);
        this.#add(() => store.step(session.clientId, stored), done);
      },
      replay: (_session, _from, _each, done) => done(),
      release: (session, why, done) => {
        const { clientId } = session;
        const isStored = this.#known.has(clientId) && !this.#isVoid(session);
        if (why === 'ended' && isStored) this.#remove(clientId);
        done();
      },
    };
  }

  recover(done: Done): void {
    const { retained, sessions } = this.#store.recovered();
    for (const message of retained) this.#host.restoreRetained(message);
    for (const session of sessions) this.#host.restoreSession(session);
    done();
  }

  /** Begins to write, or comes to the end of it; false if there is nothing to do. */
  goOn(): boolean {
    const written = this.#writing;
    this.#writing = undefined;
    if (written !== undefined) {
      written.write();
      for (const done of written.done) done();
      return true;
    }
    if (this.#open.isEmpty) return false;
    this.#writing = this.#open;
    this.#open = new Batch();
    return true;
  }

  /** Writes all, and tells nobody: the process has died by then. */
  writeAll(): void {
    this.#writing?.write();
    this.#open.write();
    this.#writing = undefined;
    this.#open = new Batch();
  }

  /** Whether a message with this payload is to be kept, and is not written yet. */
  isTaking(payload: Buffer): boolean {
    const text = payload.toString('latin1');
    return this.#pending.some(({ payloads }) => payloads.has(text));
  }

  get #pending(): Batch[] {
    return this.#writing === undefined ? [this.#open] : [this.#writing, this.#open];
  }

  #publish(message: Message, done: Parameters<MessageLog['publish']>[2]): void {
    const before = this.#open.steps.length;
    const { isPassing, isRetained, payload, topicName } = message;
    const { retained } = this.#store;
    if (isRetained && isPassing !== true) {
      const body = copyOf(message);
      const isCleared = payload.length === 0;
      this.#add(() => (isCleared ? retained.delete(topicName) : retained.set(topicName, body)));
    }
    const isMatched = this.#host.deliver(message) > 0;
    if (this.#open.steps.length === before) done?.(undefined, isMatched);
    else if (done !== undefined) {
      if (payload.length > 0) this.#open.payloads.add(payload.toString('latin1'));
      this.#open.done.push(() => done(undefined, isMatched));
    }
  }

  #saveMeta(session: SessionMeta, done: Done): void {
    const { clientId, isDurable, will } = session;
    if (this.#isVoid(session)) {
      done();
      return;
    }
    if (isDurable || will !== undefined) {
      const meta = storedMeta(session);
      this.#known.add(clientId);
      this.#open.clientIds.add(clientId);
      this.#add(() => this.#store.save(meta), done);
      return;
    }
    if (this.#known.has(clientId)) this.#remove(clientId);
    // That an older session is void has to be kept, too.
    const isPending = this.#pending.some(({ clientIds }) => clientIds.has(clientId));
    if (isPending) this.#open.done.push(() => done());
    else done();
  }

  #noteClaim({ clientId, epoch }: Pick<StoredSession, 'clientId' | 'epoch'>): void {
    this.#claims.set(clientId, epoch);
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  #isVoid({ clientId, epoch }: StoredSession): boolean {
    return this.#claims.get(clientId) !== epoch;
  }

  #remove(clientId: string): void {
    this.#known.delete(clientId);
    this.#open.clientIds.add(clientId);
    this.#add(() => this.#store.sessions.delete(clientId));
  }

  #add(step: () => void, done?: Done): void {
    this.#open.steps.push(step);
    if (done !== undefined) this.#open.done.push(() => done());
  }
}

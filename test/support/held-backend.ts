import type {
  Backend,
  BackendHost,
  Done,
  MessageLog,
  SessionStore,
} from '../../src/broker/backend.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import { keepMessage } from '../../src/session/message.ts';
import { BrokerWorld } from './broker-world.ts';

/** What a backend was asked for, and has not done. */
export interface Task {
  readonly what: 'claim' | 'saveMeta' | 'mark' | 'release' | 'deliver' | 'safe';
  /** The client id; of a message its topic. */
  readonly of: string;
  /** Does it, or fails. */
  readonly settle: (error?: Error) => void;
}

/**
 * A backend that does nothing until a test says so, task by task: in any order, but for claims of
 * one client id and for messages, which keep theirs.
 */
export class HeldBackend implements Backend {
  readonly isVolatile = false;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly tasks: Task[] = [];
  /** Client ids that were given up, with the epoch and the reason. */
  readonly released: string[] = [];
  /** Kinds of tasks that are not held: they are done at once. */
  readonly free = new Set<Task['what']>();
  #epoch = 0;

  constructor(host: BackendHost) {
    this.log = {
      position: 0,
      publish: (message, _dedupeId, done) => {
        const kept = keepMessage(message);
        this.#hold('deliver', message.topicName, (failure) => {
          const count = failure === undefined ? host.deliver(kept) : 0;
          if (done === undefined) return;
          const settle = (error = failure): void => done(error, count > 0);
          this.#hold('safe', message.topicName, settle);
        });
      },
      forget() {},
      interest: (_filter, _shareName, _isWanted, done) => done(),
    };
    this.sessions = {
      claim: (clientId, _isCleanStart, done) =>
        this.#hold('claim', clientId, (error) => {
          this.#epoch += 1;
          done(error, this.#epoch);
        }),
      saveMeta: ({ clientId }, done) => this.#hold('saveMeta', clientId, done),
      // A step that nobody waits for is none of the test's business.
      mark: ({ clientId }, step, done) => {
        if (done === undefined) return;
        const packetId = 'packetId' in step ? step.packetId : '-';
        this.#hold('mark', `${clientId} ${step.event} ${packetId}`, done);
      },
      replay: (_session, _from, _each, done) => done(),
      release: ({ clientId, epoch }, why, done) => {
        this.released.push(`${clientId} ${epoch} ${why}`);
        this.#hold('release', clientId, done);
      },
    };
  }

  recover(done: Done): void {
    done();
  }

  /** Whether this task may be done now, or another one has to come first. */
  isReady(task: Task): boolean {
    const { of, what } = task;
    if (what !== 'claim' && what !== 'deliver') return true;
    const isRival = (other: Task): boolean =>
      other.what === what && (what === 'deliver' || other.of === of);
    return this.tasks.find(isRival) === task;
  }

  /** Does one task. */
  settle(task: Task, error?: Error): void {
    this.tasks.splice(this.tasks.indexOf(task), 1);
    task.settle(error);
  }

  /** Does the first task of a kind. */
  next(what: Task['what'], error?: Error): void {
    const task = this.tasks.find((candidate) => candidate.what === what);
    if (task === undefined) throw new Error(`nobody has asked for ${what}`);
    this.settle(task, error);
  }

  /** Does all there is to do, and what comes of it. */
  drain(): void {
    for (let task = this.tasks[0]; task !== undefined; task = this.tasks[0]) this.settle(task);
  }

  #hold(what: Task['what'], of: string, settle: (error?: Error) => void): void {
    if (this.free.has(what)) settle();
    else this.tasks.push({ what, of, settle });
  }
}

/** A broker over such a backend, with which nothing goes on until the test says so. */
export function heldWorld(
  config: Partial<BrokerConfig> = {},
  ...free: Task['what'][]
): { readonly world: BrokerWorld; readonly backend: HeldBackend } {
  let backend: HeldBackend | undefined;
  const world = new BrokerWorld(config, (host) => {
    backend = new HeldBackend(host);
    return backend;
  });
  if (backend === undefined) throw new Error('the broker makes its backend at once');
  for (const what of free) backend.free.add(what);
  return { world, backend };
}

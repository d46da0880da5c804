import type { Backend, BackendHost, Done, MessageLog, SessionStore } from './backend.ts';

/**
 * State in this process alone: the session objects of the core are all there is, and nothing
 * outlives it. Every `done` is called before the call returns.
 */
export class MemoryBackend implements Backend {
  readonly isVolatile = true;
  readonly log: MessageLog;
  readonly sessions: SessionStore;

  constructor(host: BackendHost) {
    this.log = new MemoryLog(host);
    this.sessions = new MemorySessions();
  }

  /** There is nothing. */
  recover(done: Done): void {
    done();
  }
}

class MemoryLog implements MessageLog {
  position = 0;
  readonly #host: BackendHost;

  constructor(host: BackendHost) {
    this.#host = host;
  }

  publish: MessageLog['publish'] = (message, _dedupeId, done) => {
    this.position += 1;
    const count = this.#host.deliver(message);
    done?.(undefined, count > 0);
  };

  forget(): void {}

  interest(_filter: string, _share: string | undefined, _isWanted: boolean, done: Done): void {
    done();
  }
}

class MemorySessions implements SessionStore {
  #epoch = 0;

  claim: SessionStore['claim'] = (_clientId, _isCleanStart, done) => {
    this.#epoch += 1;
    done(undefined, this.#epoch);
  };

  saveMeta: SessionStore['saveMeta'] = (_session, done) => done();

  mark: SessionStore['mark'] = (_session, _step, done) => done?.();

  replay: SessionStore['replay'] = (_session, _from, _each, done) => done();

  release: SessionStore['release'] = (_session, _why, done) => done();
}

import type { CallerError } from '../base/caller-error.ts';
import type { Reporter } from './reporter.ts';

/** Tells a person of each outage twice: when it begins, and when it is over. */
export class OutageNotes {
  readonly #reporter: Pick<Reporter, 'note'>;
  #sinceMs: number | undefined = undefined;

  constructor(reporter: Pick<Reporter, 'note'>) {
    this.#reporter = reporter;
  }

  /** There is no connection, and there will be another attempt. Only the first of a row is told. */
  onLost(error: CallerError, hasEverConnected: boolean, nowMs: number): void {
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = nowMs;
    const { message } = error;
    const reason = message.replace(/^connection lost: /, '');
    const what = hasEverConnected ? `connection lost (${reason})` : message;
    this.#reporter.note(`${what}; retrying`);
  }

  /** There is a connection. @param meanwhile what the outage has cost; undefined if nothing. */
  onConnected(nowMs: number, isFirst: boolean, meanwhile: string | undefined): void {
    if (this.#sinceMs === undefined) return;
    const seconds = ((nowMs - this.#sinceMs) / 1000).toFixed(1);
    this.#sinceMs = undefined;
    this.#reporter.note(`${isFirst ? 'connected' : 'reconnected'} after ${seconds} s`);
    if (meanwhile !== undefined) this.#reporter.note(meanwhile);
  }
}

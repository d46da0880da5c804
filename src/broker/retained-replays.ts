import type { Buffer } from 'node:buffer';
import type { KeptMessage } from '../session/message.ts';
import type { Subscription } from './client-session.ts';

/** Retained messages on their way to a new subscription, taken as the client has room for them. */
export interface RetainedReplay {
  readonly subscription: Subscription;
  /** The properties that it adds, with their length. */
  readonly section: Buffer;
  /**
   * Each message when it is asked for; so never an old one after a newer one. Undefined where the
   * search takes long.
   */
  readonly messages: Iterator<KeptMessage | undefined>;
}

/**
 * What a session still has to get of retained messages, subscription by subscription: one replay
 * for each filter at most, so that it is bounded as they are.
 */
export class RetainedReplays {
  /** Made by the first of them. */
  #byFilter: Map<string, RetainedReplay> | undefined = undefined;
  /** The replay whose turn it is. */
  #first: string | undefined = undefined;
  /** Goes on from there: a Map that is asked for its first entry looks at all deleted before it. */
  #rest: Iterator<string, undefined> | undefined = undefined;

  get size(): number {
    return this.#byFilter?.size ?? 0;
  }

  /** The replay whose turn it is. */
  get first(): RetainedReplay | undefined {
    const replays = this.#byFilter;
    if (replays === undefined) return undefined;
    for (;;) {
      const current = this.#first === undefined ? undefined : replays.get(this.#first);
      if (current !== undefined || replays.size === 0) return current;
      this.#rest ??= replays.keys();
      this.#first = this.#rest.next().value;
      if (this.#first === undefined) this.#rest = undefined;
    }
  }

  /** Begins a replay, in place of one to the same filter. */
  start(topicFilter: string, replay: RetainedReplay): void {
    this.stop(topicFilter);
    this.#byFilter ??= new Map();
    this.#byFilter.set(topicFilter, replay);
  }

  /** The first replay has come to its end. */
  endFirst(): void {
    if (this.#first !== undefined) this.stop(this.#first);
  }

  /** The subscription has ended, or begins anew: so has what it still had to get. */
  stop(topicFilter: string): void {
    this.#byFilter?.delete(topicFilter);
  }
}

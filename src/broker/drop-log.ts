import type { Waiter } from '../base/deadlines.ts';
import type { BrokerCore } from './broker-core.ts';

/** Why a subscriber does not get a message. */
export type DropReason = 'queueFull' | 'slowQos0' | 'expired' | 'tooLarge' | 'memory';

/** What the log says of a drop. */
export interface DropNote {
  /** The option that sets the limit, if one does. */
  readonly limit?: string;
  readonly message: string;
  readonly next: string;
}

/** What it asks of the session that loses messages. */
export interface DropOwner {
  readonly clientId: string;
  /** Why it loses messages, or has lost some: it may be asked a while later. */
  dropNote(reason: DropReason): DropNote;
}

/** From the first line of an episode to the next; each later one waits for twice as long. */
const QUIET_MS = 10_000;
const QUIET_MS_MAX = 3_600_000;

/**
 * What one session loses, in the log: the first drop at once, those that follow as sums, ever more
 * seldom for as long as it goes on.
 *
 *     quiet -> drop, told -> (drops are counted -> told) ... -> nothing for a while -> quiet
 */
export class DropLog implements Waiter {
  readonly #core: BrokerCore;
  readonly #owner: DropOwner;
  #quietMs = QUIET_MS;
  #isEpisode = false;
  /** What has not been told, by reason. */
  readonly #counts = new Map<DropReason, number>();

  constructor(core: BrokerCore, owner: DropOwner) {
    this.#core = core;
    this.#owner = owner;
  }

  add(reason: DropReason, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
    if (!this.#isEpisode) this.#tell();
  }

  onDeadline(): void {
    if (this.#counts.size > 0) {
      this.#tell();
      return;
    }
    this.#isEpisode = false;
    this.#quietMs = QUIET_MS;
  }

  /** The session is over: what has not been told is told now. */
  end(): void {
    this.#core.deadlines.set(this, undefined);
    this.#write();
  }

  #tell(): void {
    this.#isEpisode = true;
    this.#write();
    this.#core.deadlines.set(this, this.#core.ports.nowMs() + this.#quietMs);
    this.#core.rearm();
    this.#quietMs = Math.min(this.#quietMs * 2, QUIET_MS_MAX);
  }

  #write(): void {
    for (const [reason, count] of this.#counts) {
      const { limit, message, next } = this.#owner.dropNote(reason);
      const fields = { client: this.#owner.clientId, count, limit, message, next };
      this.#core.ports.log({ level: 'warn', event: 'queue_drop', fields });
    }
    this.#counts.clear();
  }
}

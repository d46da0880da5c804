import type { Keeper } from '../session/keeper.ts';
import type { StoredSession } from './backend.ts';
import type { Journal } from './journal.ts';
import { QueuedDelivery } from './publication.ts';
import type { RunParcel } from './run-parcel.ts';

/** Tells of what waits for one client: the account of all memory, and the backend. */
export class QueueNotes implements Keeper<QueuedDelivery | RunParcel> {
  /** False while the backend knows by itself: what waits is restored, or given up as a whole. */
  tellsBackend = true;
  readonly #journal: Journal;
  readonly #session: StoredSession;
  readonly #memory: Keeper<QueuedDelivery | RunParcel>;

  constructor(
    journal: Journal,
    session: StoredSession,
    memory: Keeper<QueuedDelivery | RunParcel>,
  ) {
    this.#journal = journal;
    this.#session = session;
    this.#memory = memory;
  }

  onKept(item: QueuedDelivery | RunParcel): void {
    this.#memory.onKept(item);
    // Runs are there only where the backend keeps nothing.
    const isTold = this.tellsBackend && item instanceof QueuedDelivery;
    if (isTold) this.#journal.markQueued(this.#session, item.delivery);
  }

  onGivenUp(item: QueuedDelivery | RunParcel): void {
    this.#memory.onGivenUp(item);
    const isTold = this.tellsBackend && item instanceof QueuedDelivery;
    if (isTold) this.#journal.markDequeued(this.#session);
  }
}

import type { Waiter } from '../base/deadlines.ts';

/** A publisher that can be held up: reading from its connection stops while anybody holds it. */
export interface Holdable {
  hold(): void;
  letGo(): void;
}

/**
 * One stretch of time in which a client has more unsent bytes than it should. Those who publish to
 * it are held up, at most for a grace, once: a client that reads loses nothing then, and a frozen
 * one costs each publisher one grace.
 *
 *     begun -> (grace) -> spent -> over        begun -> over
 */
export class SlowEpisode implements Waiter {
  readonly #held = new Set<Holdable>();
  readonly #onSpent: () => void;
  #isSpent = false;

  /** @param onSpent called if the grace comes to its end before the episode does. */
  constructor(onSpent: () => void) {
    this.#onSpent = onSpent;
  }

  /** Whether the grace is over: what comes now is dropped or queued. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Holds a publisher up until the grace or the episode is over; false if it is so already. */
  hold(publisher: Holdable): boolean {
    if (this.#isSpent || this.#held.has(publisher)) return false;
    this.#held.add(publisher);
    publisher.hold();
    return true;
  }

  /** The grace is over. */
  onDeadline(): void {
    this.#isSpent = true;
    this.#onSpent();
    this.#letAllGo();
  }

  /** The client has caught up, or is gone. */
  end(): void {
    this.#letAllGo();
  }

  #letAllGo(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const publisher of held) publisher.letGo();
  }
}

import type { Waiter } from '../base/deadlines.ts';
import { isExpired, type KeptMessage } from '../session/message.ts';
import type { BrokerCore } from './broker-core.ts';

/** How many retained messages are looked at in one turn of the event loop. */
const LOOKS_PER_TURN = 1_000;

/**
 * Forgets retained messages that have expired: all are looked at from time to time, some in each
 * turn, for as long as any may expire.
 */
export class RetainedSweep implements Waiter {
  readonly #core: BrokerCore;
  /** Whether a sweep is going on, or will be. */
  #isDue = false;

  constructor(core: BrokerCore) {
    this.#core = core;
  }

  /** A message was retained: sees to it that it is looked at some time. */
  later(): void {
    const { config, deadlines, ports, router } = this.#core;
    if (this.#isDue || !router.hasExpiringRetained) return;
    this.#isDue = true;
    deadlines.set(this, ports.nowMs() + config.retainedSweepMs);
    this.#core.rearm();
  }

  onDeadline(): void {
    this.#sweep(this.#core.router.expiringRetained());
  }

  #sweep(messages: Iterator<KeptMessage>): void {
    const { backend, ports, router } = this.#core;
    const nowMs = ports.nowMs();
    for (let looked = 0; looked < LOOKS_PER_TURN; looked += 1) {
      const next = messages.next();
      if (next.done === true) {
        this.#isDue = false;
        this.later();
        return;
      }
      if (!isExpired(next.value, nowMs)) continue;
      router.forget(next.value);
      backend.log.forget(next.value.topicName);
    }
    ports.atTurnEnd(() => this.#sweep(messages));
  }
}

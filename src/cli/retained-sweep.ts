import type { Cancel, Platform } from './platform.ts';

/** What it takes to know that a server has sent what it had before. */
interface Pingable {
  readonly isOver: boolean;
  ping(done: () => void): void;
}

/**
 * Knows when all retained messages have come: the answer to a PINGREQ behind the SUBSCRIBE says
 * that the broker is past it, and for a while none has come. MQTT itself has no sign for it.
 */
export class RetainedSweep {
  readonly #settleMs: number;
  readonly #platform: Pick<Platform, 'nowMs' | 'setAlarm'>;
  readonly #onSettled: () => void;
  #isPast = false;
  #cancel: Cancel = () => {};

  constructor(
    settleMs: number,
    platform: Pick<Platform, 'nowMs' | 'setAlarm'>,
    onSettled: () => void,
  ) {
    this.#settleMs = settleMs;
    this.#platform = platform;
    this.#onSettled = onSettled;
  }

  /** SUBACK has come, on this connection. */
  onSubscribed(connection: Pingable): void {
    if (connection.isOver) return;
    connection.ping(() => {
      this.#isPast = true;
      this.#wait();
    });
  }

  /** A retained message has come: there may be more. */
  onRetained(): void {
    if (this.#isPast) this.#wait();
  }

  stop(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel();
    this.#cancel = this.#platform.setAlarm(this.#platform.nowMs() + this.#settleMs, () =>
      this.#onSettled(),
    );
  }
}

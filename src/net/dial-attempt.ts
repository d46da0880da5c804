import { noAnswerError } from './net-errors.ts';
import type { SocketAddress } from './open-socket.ts';

/** The most that a timer of Node bears; beyond it fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

interface AttemptTerms {
  readonly address: SocketAddress;
  readonly timeoutMs: number;
}

/** One attempt to connect, which its caller or its time may cut short: `signal` then says why. */
export class DialAttempt {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);

  constructor({ address, timeoutMs }: AttemptTerms, outer: AbortSignal | undefined) {
    this.#outer = outer;
    const onTimeout = () => this.#controller.abort(noAnswerError(address, timeoutMs));
    this.#timer = setTimeout(onTimeout, Math.min(timeoutMs, TIMER_MS_MAX));
    outer?.addEventListener('abort', this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It is over, well or not: neither time nor caller can cut it short any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}

import type { CallerError } from '../base/caller-error.ts';
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
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);

  /** What is to be said when the time is up, by what it waits for. */
  #explain: () => CallerError;

  constructor({ address, timeoutMs }: AttemptTerms, outer: AbortSignal | undefined) {
    this.timeoutMs = timeoutMs;
    this.#outer = outer;
    this.#explain = () => noAnswerError(address, timeoutMs);
    const onTimeout = () => this.#controller.abort(this.#explain());
    this.#timer = setTimeout(onTimeout, Math.min(timeoutMs, TIMER_MS_MAX));
    outer?.addEventListener('abort', this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on it waits for something else. */
  waitsFor(explain: () => CallerError): void {
    this.#explain = explain;
  }

  /** It is over, well or not: neither time nor caller can cut it short any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}

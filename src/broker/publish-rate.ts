import type { Waiter } from '../base/deadlines.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';
import { LimitError } from './limit-error.ts';

/** How long a client may publish at any rate, after it has been quiet for as long. */
const BURST_SECONDS = 2;
const REASON = 'messageRateTooHigh';

/** The rate of one client that has been reached, and what is too fast. */
interface Excess {
  readonly limit: '--publish-rate' | '--publish-bytes-rate';
  readonly waitMs: number;
  readonly message: string;
}

/**
 * How fast one client may publish, in messages and in bytes. Who is faster is not read until it is
 * paid for, or disconnected, as it is configured.
 *
 *     reading -> too fast -> (wait) -> reading
 */
export class PublishRate implements Waiter {
  readonly #core: BrokerCore;
  readonly #messages: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  /** The connection that is not read. */
  #held: Connection | undefined = undefined;

  constructor(core: BrokerCore) {
    const nowMs = core.ports.nowMs();
    const bucket = (perSecond: number): TokenBucket | undefined =>
      perSecond > 0 ? new TokenBucket(perSecond, perSecond * BURST_SECONDS, nowMs) : undefined;
    this.#core = core;
    this.#messages = bucket(core.config.publishesPerSecond);
    this.#bytes = bucket(core.config.publishBytesPerSecond);
  }

  /**
   * A PUBLISH of so many bytes has come.
   *
   * @throws LimitError where who is too fast is disconnected.
   */
  onPublish(connection: Connection, packetBytes: number): void {
    const excess = this.#take(packetBytes, this.#core.ports.nowMs());
    if (excess === undefined) return;
    const { limit, message, waitMs } = excess;
    if (this.#core.config.rateAction === 'disconnect') throw new LimitError(REASON, message, limit);
    this.#core.deadlines.set(this, this.#core.ports.nowMs() + waitMs);
    this.#core.rearm();
    if (this.#held !== undefined) return; // The rest of what had been read already.
    this.#held = connection;
    this.#core.counters.publishersPaused.rate += 1;
    connection.limitLog.note({ event: 'limit_reached', reason: REASON, limit, message });
    connection.hold();
  }

  /** It is paid for. */
  onDeadline(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.letGo();
  }

  /** The connection is gone: what it owes stays with its session. */
  onConnectionEnd(): void {
    this.#core.deadlines.set(this, undefined);
    this.#held = undefined;
  }

  #take(packetBytes: number, nowMs: number): Excess | undefined {
    const { publishBytesPerSecond, publishesPerSecond } = this.#core.config;
    const waitMs = this.#messages?.take(1, nowMs) ?? 0;
    const bytesWaitMs = this.#bytes?.take(packetBytes, nowMs) ?? 0;
    if (waitMs === 0 && bytesWaitMs === 0) return undefined;
    if (waitMs >= bytesWaitMs) {
      const message = `it publishes faster than ${publishesPerSecond} messages a second`;
      return { limit: '--publish-rate', waitMs, message };
    }
    const message = `it publishes faster than ${publishBytesPerSecond} bytes a second`;
    return { limit: '--publish-bytes-rate', waitMs: bytesWaitMs, message };
  }
}

/** What holds one client to the configured rates; undefined where there are none. */
export function publishRate(core: BrokerCore): PublishRate | undefined {
  const { publishBytesPerSecond, publishesPerSecond } = core.config;
  return publishesPerSecond > 0 || publishBytesPerSecond > 0 ? new PublishRate(core) : undefined;
}

import type { ByteChannel } from '../base/byte-channel.ts';
import type { Waiter } from '../base/deadlines.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import type { BrokerCore } from './broker-core.ts';
import { type Load, nextLoad } from './load.ts';
import { Tally } from './tally.ts';

/** Somebody has connected; nothing has been read. */
export interface Arrival {
  readonly channel: ByteChannel;
  /** What the listener is called that let it in: `mqtt:1883`. */
  readonly listener?: string | undefined;
  /** Called once when the channel is closed. */
  readonly onGone: () => void;
}

const LOAD_LINES = {
  light: { level: 'info', message: 'the broker keeps up again' },
  heavy: { level: 'warn', message: 'the broker falls behind: new connections wait' },
  tooHeavy: { level: 'warn', message: 'the broker falls behind: no CONNECT is accepted' },
} as const;

/**
 * The line in front of the door. A listener of Node cannot stop accepting, so connections that are
 * too fast, too many or too much for now wait here unread: what they send stays with the system.
 *
 *     arrived -> (waiting) -> opened        arrived -> closed, where too many are here and wait
 */
export class Arrivals implements Waiter {
  /** In the order in which they came; with all open connections at most `#socketsMax`. */
  readonly #line = new Set<Arrival>();
  readonly #core: BrokerCore;
  readonly #rate: TokenBucket | undefined;
  readonly #closed = new Tally();
  #load: Load = 'light';

  constructor(core: BrokerCore) {
    const { connectsPerSecond: rate } = core.config;
    this.#core = core;
    this.#rate = rate > 0 ? new TokenBucket(rate, rate, core.ports.nowMs()) : undefined;
  }

  get waitingCount(): number {
    return this.#line.size;
  }

  get load(): Load {
    return this.#load;
  }

  arrive(arrival: Arrival): void {
    const nowMs = this.#core.ports.nowMs();
    if (this.#core.connections.size + this.#line.size >= this.#socketsMax) {
      arrival.channel.destroy();
      this.#tellClosed(nowMs);
    } else if (this.#line.size === 0 && this.#delayMs(nowMs) === 0) {
      this.#open(arrival, nowMs);
    } else {
      this.#line.add(arrival);
      if (this.#line.size === 1) this.#schedule(nowMs);
    }
  }

  /** The next in line may be due. */
  onDeadline(nowMs: number): void {
    for (const arrival of this.#line) {
      if (this.#delayMs(nowMs) > 0) break;
      this.#line.delete(arrival);
      this.#open(arrival, nowMs);
    }
    this.#schedule(nowMs);
  }

  /** Somebody has been accepted, or has gone: there may be room for the next. */
  onRoom(): void {
    if (this.#line.size > 0) this.#schedule(this.#core.ports.nowMs());
  }

  /** By how much the event loop was late over the last second. */
  onLag(lagMs: number): void {
    const load = nextLoad(this.#load, lagMs);
    if (load === this.#load) return;
    this.#load = load;
    const { level, message } = LOAD_LINES[load];
    const next = load === 'light' ? undefined : 'fewer clients or messages, or a faster machine';
    const fields = { lag_ms: Math.round(lagMs), waiting: this.#line.size, message, next };
    this.#core.ports.log({ level, event: 'overload', fields });
    this.onRoom();
  }

  /** Closes who has waited in vain. */
  close(): void {
    for (const { channel } of this.#line) channel.destroy();
    this.#line.clear();
    this.#core.deadlines.set(this, undefined);
  }

  /** As many clients as there may be, and as many who have yet to become one. */
  get #socketsMax(): number {
    const { connectionsMax, pendingMax } = this.#core.config;
    return connectionsMax + pendingMax;
  }

  #open(arrival: Arrival, nowMs: number): void {
    this.#rate?.take(1, nowMs);
    this.#core.open(arrival);
  }

  /** How long the next one has to wait, as far as that is known. */
  #delayMs(nowMs: number): number {
    if (this.#load !== 'light') return Number.POSITIVE_INFINITY;
    return Math.max(this.#rate?.take(0, nowMs) ?? 0, this.#core.waitingRoom.delayMs(nowMs));
  }

  #schedule(nowMs: number): void {
    const delayMs = this.#line.size === 0 ? Number.POSITIVE_INFINITY : this.#delayMs(nowMs);
    this.#core.deadlines.set(this, nowMs + delayMs);
    this.#core.rearm();
  }

  #tellClosed(nowMs: number): void {
    const count = this.#closed.add(nowMs);
    if (count === 0) return;
    const message = `${this.#socketsMax} connections are open or wait, which is the most`;
    const next = 'see who connects so often, or raise --max-connections, --max-pending';
    const fields = { closed: count, message, next };
    this.#core.ports.log({ level: 'warn', event: 'accept_limited', fields });
  }
}

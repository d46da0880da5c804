import type { Waiter } from '../base/deadlines.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';
import type { Shortage } from './memory-account.ts';
import { Tally } from './tally.ts';

/** How often who is held up, and who is not, is looked at anew while memory is short. */
const LOOK_MS = 250;
/** Who is held up so long reads for a while: what it has sent by half may be what fills up. */
const HELD_MS_MAX = 2_000;
/** Who has taken all but so much is not worth a disconnection. */
const SLOW_BYTES_MIN = 65_536;

/** What is told of a shortage that is worse than before, and of one that is less. */
const WORSE: { readonly [S in Shortage]: string } = {
  0: '',
  1: 'memory is getting short',
  2: 'memory is short: publishers are held up, the largest first, and new sessions are refused',
  3: 'memory is used up: nothing more is kept, and slow clients are disconnected',
};

const BETTER: { readonly [S in Shortage]: string } = {
  0: 'there is enough memory again',
  1: 'publishers go on, and new sessions are taken again; memory is still getting short',
  2: 'what clients send is kept again; memory is still short',
  3: '',
};

/**
 * What is done where memory gets short, step by step, so that the broker neither grows without end
 * nor stops serving those who take what it holds:
 *
 *     enough <-> told of <-> publishers are held up <-> nothing more is kept
 */
export class Overload implements Waiter {
  readonly #core: BrokerCore;
  /** Who is not read, since when; the longest first. */
  readonly #held = new Map<Connection, number>();
  /** By shortage: it may come and go quickly. */
  readonly #tallies = [new Tally(), new Tally(), new Tally(), new Tally()];
  #told: Shortage = 0;
  #isPending = false;

  constructor(core: BrokerCore) {
    this.#core = core;
  }

  /** The shortage has changed, in the midst of anything: it is seen to when the turn ends. */
  note(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    this.#core.ports.atTurnEnd(() => {
      this.#isPending = false;
      this.#core.guard(() => this.#onChange());
    });
  }

  /** Memory is still short. */
  onDeadline(nowMs: number): void {
    const { memory } = this.#core;
    if (memory.isShort) this.#holdPublishers(nowMs);
    else this.#letGoBefore(Number.POSITIVE_INFINITY);
    if (memory.isExhausted) this.#endSlowest();
    for (const connection of this.#core.connections) connection.publishedLately = 0;
    if (memory.shortage === 0) return;
    this.#core.deadlines.set(this, nowMs + LOOK_MS);
    this.#core.rearm();
  }

  #onChange(): void {
    const { memory, ports } = this.#core;
    if (memory.shortage !== this.#told) this.#tell(memory.shortage);
    this.onDeadline(ports.nowMs());
  }

  #tell(shortage: Shortage): void {
    const isWorse = shortage > this.#told;
    const { memory, ports } = this.#core;
    this.#told = shortage;
    const count = this.#tallies[shortage]?.add(ports.nowMs()) ?? 0;
    if (count === 0) return;
    const largest = isWorse ? this.#largestSession() : undefined;
    const fields = {
      limit: '--max-memory',
      used: memory.bytes,
      max: memory.bytesMax,
      count,
      client: largest?.clientId,
      held: largest?.heldBytes,
      message: (isWorse ? WORSE : BETTER)[shortage],
      next: isWorse ? 'see who holds so much, lower the limits of queues, or raise it' : undefined,
    };
    ports.log({ level: isWorse ? 'warn' : 'info', event: 'overload', fields });
  }

  #largestSession(): { readonly clientId: string; readonly heldBytes: number } | undefined {
    let largest: { readonly clientId: string; readonly heldBytes: number } | undefined;
    for (const { clientId, heldBytes } of this.#core.sessions.values()) {
      if (heldBytes > (largest?.heldBytes ?? 0)) largest = { clientId, heldBytes };
    }
    return largest;
  }

  /** Twice as many each time that it was not enough, those first who have sent most of late. */
  #holdPublishers(nowMs: number): void {
    const count = Math.max(1, this.#held.size);
    this.#letGoBefore(nowMs - HELD_MS_MAX);
    const readable = [...this.#core.connections].filter(
      (connection) => connection.publishedLately > 0 && !this.#held.has(connection),
    );
    readable.sort((one, other) => other.publishedLately - one.publishedLately);
    for (const connection of readable.slice(0, count)) {
      this.#held.set(connection, nowMs);
      this.#core.counters.publishersPaused.memory += 1;
      connection.hold();
    }
  }

  #letGoBefore(sinceMs: number): void {
    for (const [connection, heldSinceMs] of this.#held) {
      if (heldSinceMs > sinceMs) break;
      this.#held.delete(connection);
      connection.letGo();
    }
  }

  /** Clients of 5.0 can be told; as many as have to go, those first for whom most waits. */
  #endSlowest(): void {
    const { connections, memory } = this.#core;
    const slow = [...connections].filter(({ channel }) => channel.unsentBytes >= SLOW_BYTES_MIN);
    slow.sort((one, other) => other.channel.unsentBytes - one.channel.unsentBytes);
    const leaving = slow.filter(({ isOpen }) => !isOpen);
    let leftBytes = memory.bytes;
    for (const { channel } of leaving) leftBytes -= channel.unsentBytes;
    for (const connection of slow) {
      if (!memory.isExhaustedBy(leftBytes)) return;
      if (!connection.isOpen || connection.level !== 5) continue;
      leftBytes -= connection.channel.unsentBytes;
      connection.end({
        by: 'server',
        reason: 'quotaExceeded',
        limit: '--max-memory',
        message: 'memory is used up, and more waits for this client than for others',
        keepsWill: true,
      });
    }
  }
}

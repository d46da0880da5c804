import type { MessageQueue } from '../session/message-queue.ts';
import type { StoredSession } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import { DropLog, type DropNote, type DropOwner, type DropReason } from './drop-log.ts';
import type { QueuedDelivery } from './publication.ts';
import type { RunParcel } from './run-parcel.ts';

/** What waits for one client. */
export type OutboundQueue = MessageQueue<QueuedDelivery | RunParcel>;

/** What one client does not get: counted, and told in the log. */
export class OutboundDrops implements DropOwner {
  readonly #core: BrokerCore;
  readonly #session: StoredSession;
  readonly #queue: OutboundQueue;
  #count = 0;
  #log: DropLog | undefined = undefined;
  /** The limits that the last drops were for, since they may be told of later. */
  #fullBy: '--max-queue-messages' | '--max-queue-bytes' = '--max-queue-messages';
  #tooLargeFor = 0;
  /** The largest packet that the client takes; undefined while it is away. */
  #packetBytesMax: number | undefined = undefined;
  /** When the client left. */
  #awaySinceMs: number;

  constructor(core: BrokerCore, session: StoredSession, queue: OutboundQueue) {
    this.#core = core;
    this.#session = session;
    this.#queue = queue;
    this.#awaySinceMs = core.ports.nowMs();
  }

  get clientId(): string {
    return this.#session.clientId;
  }

  /** Messages that the client has not got, and never will. */
  get count(): number {
    return this.#count;
  }

  onHere(packetBytesMax: number): void {
    this.#packetBytesMax = packetBytesMax;
  }

  onAway(): void {
    this.#packetBytesMax = undefined;
    this.#awaySinceMs = this.#core.ports.nowMs();
  }

  add(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.#core.countDrops(reason, count);
    this.#count += count;
    if (reason === 'expired' || reason === 'slowQos0') return;
    if (reason === 'queueFull') {
      this.#fullBy = this.#queue.isFullByCount ? '--max-queue-messages' : '--max-queue-bytes';
    } else if (reason === 'tooLarge') this.#tooLargeFor = this.#packetBytesMax ?? 0;
    this.#log ??= new DropLog(this.#core, this);
    this.#log.add(reason, count);
  }

  /** The session is over. */
  end(): void {
    this.#log?.end();
  }

  dropNote(reason: DropReason): DropNote {
    if (reason === 'memory') {
      const message = 'QoS 0 messages are kept no more: memory is used up';
      return { limit: '--max-memory', message, next: 'see who holds so much, or raise it' };
    }
    if (reason === 'tooLarge') {
      const message = `larger than the ${this.#tooLargeFor} bytes that the client takes`;
      return { message, next: 'have the client raise its Maximum Packet Size, or publish less' };
    }
    const limit = this.#fullBy;
    const waiting = `${this.#queue.length} messages of ${this.#queue.bytes} bytes wait now`;
    if (this.#packetBytesMax !== undefined) {
      const message = `${waiting}: the client does not keep up`;
      return { limit, message, next: `publish less, or raise ${limit}` };
    }
    const seconds = Math.round((this.#core.ports.nowMs() - this.#awaySinceMs) / 1000);
    const message = `${waiting}: the client has been away for ${seconds} s`;
    return { limit, message, next: `let messages or the session expire, or raise ${limit}` };
  }
}

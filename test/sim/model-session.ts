import type { QoS, RetainHandling, Will } from '../../src/codec/packet.ts';
import type { ModelConnection } from './model-connection.ts';
import { type Due, queuedBytesMax } from './model-message.ts';
import type { Replay } from './model-retained.ts';
import { fits } from './packet-size.ts';

/** What a client asked for with one filter. */
export interface ModelSubscription {
  readonly filter: string;
  readonly shareName: string | undefined;
  readonly qos: QoS;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly identifier: number | undefined;
}

/** A message with QoS 1 or 2 that the broker has sent, and the client not finished. */
export interface Flight {
  readonly packetId: number;
  readonly due: Due;
  stage: 'publish' | 'pubrel';
  /** On which connection that stage was sent last. */
  connection: ModelConnection | undefined;
  /** It was too large for a connection that has gone, which may have given it up. */
  isDoubtful: boolean;
}

/** How much may wait for one session. */
export interface QueueBounds {
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
}

const NEVER = 0xffff_ffff;
/** Messages that were dropped are forgotten from here on: the broker keeps no queue that long. */
const DROPPED_MAX = 2_000;

/** What section 4.1 says that a server remembers of a client. */
export class ModelSession {
  readonly clientId: string;
  readonly subscriptions = new Map<string, ModelSubscription>();
  connection: ModelConnection | undefined = undefined;
  /** All that it has had in this step. */
  recentConnections: ModelConnection[] = [];
  expirySeconds = 0;
  will: Will | undefined = undefined;
  willDueMs = Number.POSITIVE_INFINITY;
  endDueMs = Number.POSITIVE_INFINITY;
  /** Messages that a broker may have sent, and that were lost with it before anybody saw them. */
  unseenMax = 0;
  /** Retained messages that may be among them. */
  unseenReplays: Due[] = [];
  /** QoS 1 and 2, not sent yet, in their order. */
  pending: Due[] = [];
  /** What they count for in a queue, at most. */
  pendingBytes = 0;
  /** The most that has been pending in this step. */
  readonly peak = { count: 0, bytes: 0 };
  /** QoS 0, of this step. */
  instant: Due[] = [];
  /** In the order in which they were sent first. */
  readonly flights = new Map<number, Flight>();
  /** QoS 2 ids of the client between PUBLISH and PUBREL. */
  readonly held = new Set<number>();
  /**
   * By filter, and in the order in which they began. Those that were stopped in this step are among
   * them: what was sent before may still be seen.
   */
  replays: { readonly topicFilter: string; readonly replay: Replay }[] = [];
  /** Those that a full queue may have lost: it holds as many of the others as it can. */
  readonly #dropped = new Set<Due>();
  #droppedBytes = 0;

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  get isDurable(): boolean {
    return this.expirySeconds > 0;
  }

  get endsNever(): boolean {
    return this.expirySeconds === NEVER;
  }

  /** Messages that must be waiting: no limit and no time is a reason to have dropped them. */
  certainCount(nowMs: number): number {
    const { connection } = this;
    const isCertain = (due: Due): boolean =>
      due.excuse === undefined &&
      due.share === undefined &&
      due.message.expiresAtMs > nowMs &&
      (connection === undefined || fits(due, connection));
    return this.pending.filter(isCertain).length;
  }

  /** Flights that this connection has yet to repeat, but for those that are too large for it. */
  toRepeat(connection: ModelConnection): Flight[] {
    return [...this.flights.values()].filter(
      (flight) => flight.connection !== connection && isRepeatable(flight, connection),
    );
  }

  /** How many that are too large to be repeated may have been given up by now. */
  get unrepeatableCount(): number {
    const { connection } = this;
    const isGivenUp = (flight: Flight): boolean =>
      flight.isDoubtful ||
      (connection !== undefined &&
        flight.connection !== connection &&
        !isRepeatable(flight, connection));
    return [...this.flights.values()].filter(isGivenUp).length;
  }

  /** What was too large for a connection that ends may have been passed over, and may be there. */
  doubtTooLarge(connection: ModelConnection): void {
    for (const flight of this.flights.values()) {
      const isLeft = flight.connection !== connection;
      if (isLeft && !isRepeatable(flight, connection)) flight.isDoubtful = true;
    }
    for (const due of this.pending) {
      if (!fits(due, connection)) due.excuse ??= 'it was too large for a connection before';
    }
  }

  /** Those before this one that are too large to be repeated have been given up by now. */
  giveUpBefore(last: Flight | undefined, connection: ModelConnection): void {
    for (const flight of this.flights.values()) {
      if (flight === last) return;
      const isLeft = flight.connection !== connection;
      if (isLeft && !isRepeatable(flight, connection)) this.flights.delete(flight.packetId);
    }
  }

  /** How many more are sent now, by the client's Receive Maximum. */
  get room(): number {
    const { connection } = this;
    if (connection === undefined || this.toRepeat(connection).length > 0) return 0;
    return Math.max(0, connection.quotaMax - this.flights.size);
  }

  /** The same if all has been repeated, and nobody has seen that. */
  get roomBehindRepeats(): number {
    const { connection, flights } = this;
    if (connection === undefined) return 0;
    return Math.max(0, connection.quotaMax - flights.size + this.unrepeatableCount);
  }

  /**
   * Owes a message with QoS 1 or 2, and says which older ones a bounded queue may drop for it. Of
   * all that are pending at least `room.least` and at most `room.most` have been sent in this step,
   * and nobody has seen them yet.
   */
  push(
    due: Due,
    bounds: QueueBounds,
    room: { readonly least: number; readonly most: number },
  ): void {
    this.pending.push(due);
    this.pendingBytes += queuedBytesMax(due.message);
    this.peak.count = Math.max(this.peak.count, this.pending.length);
    this.peak.bytes = Math.max(this.peak.bytes, this.pendingBytes);
    const { queueBytesMax, queueMessagesMax } = bounds;
    const isOver = (): boolean => {
      const count = this.pending.length - this.#dropped.size - room.least;
      if (queueMessagesMax > 0 && count > queueMessagesMax) return true;
      return this.pendingBytes - this.#droppedBytes > queueBytesMax;
    };
    while (isOver()) {
      const oldest = this.#oldestAfter(room.most);
      if (!this.#dropUpTo(oldest)) break;
    }
    while (this.#dropped.size > DROPPED_MAX) {
      const [first] = this.pending;
      if (first === undefined) break;
      this.forget(first);
    }
  }

  /** One of two copies that may have been dropped has come: nobody can tell which. */
  excuseCopies({ message: { text, topicName } }: Due): void {
    for (const due of this.pending) {
      const isCopy = due.message.text === text && due.message.topicName === topicName;
      if (isCopy) due.excuse ??= 'another copy of it has come';
    }
  }

  /** All that was sent has been seen. */
  seeAll(): void {
    this.unseenMax = 0;
    this.unseenReplays = [];
  }

  /** The subscription has ended, or begins anew: so has what it still had to get. */
  stopReplay(topicFilter: string): Replay[] {
    const going = this.replays.filter((one) => one.topicFilter === topicFilter);
    const stopped = going.flatMap(({ replay }) => (replay.isStopped ? [] : [replay]));
    for (const replay of stopped) replay.isStopped = true;
    return stopped;
  }

  /** It need not come any more. */
  forget(due: Due): void {
    const instant = this.instant.indexOf(due);
    if (instant >= 0) this.instant.splice(instant, 1);
    const at = this.pending.indexOf(due);
    if (at < 0) return;
    this.pending.splice(at, 1);
    const bytes = queuedBytesMax(due.message);
    this.pendingBytes -= bytes;
    if (this.#dropped.delete(due)) this.#droppedBytes -= bytes;
  }

  /** It is kept for its will alone. */
  loseMessages(): void {
    this.subscriptions.clear();
    this.flights.clear();
    this.held.clear();
    for (const due of [...this.pending]) {
      this.forget(due);
      due.share?.giveUp(this, 'the member has gone');
    }
  }

  /** The place of the oldest that may have to go, if so many before it have been sent. */
  #oldestAfter(sent: number): number {
    let left = sent;
    const at = this.pending.findIndex((due) => {
      if (this.#dropped.has(due) || due.share !== undefined) return false;
      left -= 1;
      return left < 0;
    });
    return at < 0 ? this.pending.length - 1 : at;
  }

  /**
   * The one at this place may have been dropped, or one before it: of those that came together, and
   * of what groups got, nobody knows. False if this one has been dropped before.
   */
  #dropUpTo(last: number): boolean {
    for (const due of this.pending.slice(0, last + 1)) {
      due.excuse ??= 'the queue was full';
      if (due.isUnsure === true) this.#excuseTogether(due);
    }
    const due = this.pending[last];
    if (due === undefined || this.#dropped.has(due)) return false;
    this.#dropped.add(due);
    this.#droppedBytes += queuedBytesMax(due.message);
    return true;
  }

  /** Any of those that came in one moment with it, in an order that is not known. */
  #excuseTogether({ message: { sentAtMs } }: Due): void {
    for (const due of this.pending) {
      const isTogether = due.isUnsure === true && due.message.sentAtMs === sentAtMs;
      if (isTogether) due.excuse ??= 'the queue was full';
    }
  }
}

function isRepeatable({ due, isDoubtful, stage }: Flight, connection: ModelConnection): boolean {
  return stage === 'pubrel' || (!isDoubtful && fits(due, connection));
}

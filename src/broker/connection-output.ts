import type { Buffer } from 'node:buffer';
import type { ByteChannel } from '../base/byte-channel.ts';
import type { BrokerCore } from './broker-core.ts';
import { POOLED_BYTES } from './buffer-pool.ts';
import { OutgoingBuffer } from './outgoing-buffer.ts';
import type { Slab } from './slab.ts';
import { SlowEpisode } from './slow-episode.ts';
import { Tally } from './tally.ts';

/** Whose output it is. */
export interface OutputOwner {
  readonly clientId: string | undefined;
  readonly channel: ByteChannel;
  /** Whether more messages wait for the client's acks than should. */
  readonly isBehind: boolean;
  /** All that was to be sent has left. */
  onRoom(): void;
  /** A deadline has changed. */
  schedule(): void;
}

/** The last time that an unsent rest was looked at. */
interface Stuck {
  readonly sinceMs: number;
  /** All that the client had taken by then. */
  readonly takenBytes: number;
}

/**
 * What one client is sent: collected, written once at the end of each turn, and watched. A client
 * that takes it too slowly has its publishers held up for a while; one that takes nothing is given
 * up.
 */
export class ConnectionOutput {
  readonly #core: BrokerCore;
  readonly #owner: OutputOwner;
  readonly #buffer: OutgoingBuffer;
  #isFlushPending = false;
  /** How many keep what waits from leaving. */
  #holders = 0;
  /** What waited when the first of them took hold. */
  #freeBytes = 0;
  #slowEpisode: SlowEpisode | undefined = undefined;
  /** Given to the channel since the beginning. */
  #writtenBytes = 0;
  /** Since when something has been unsent. */
  #stuck: Stuck | undefined = undefined;
  /** Of the times that a grace was not enough; made by the first. */
  #slowTally: Tally | undefined = undefined;

  constructor(core: BrokerCore, owner: OutputOwner) {
    this.#core = core;
    this.#owner = owner;
    this.#buffer = new OutgoingBuffer(core.outputMemory);
  }

  /** Whether more should wait until what there is has left. */
  get isFull(): boolean {
    return this.unsentBytes >= this.#roomBytes;
  }

  /** Whether so much waits that its own packets must be what fills it, or are the lesser evil. */
  get isOverfull(): boolean {
    return this.unsentBytes >= 2 * this.#core.config.writeBufferBytes;
  }

  /** Whether too much waits, and publishers have been held up for it long enough. */
  get isFrozen(): boolean {
    const isOver = this.#slowEpisode?.isSpent === true || this.#core.memory.isExhausted;
    return isOver && !this.#isHalfEmpty;
  }

  /** When the client is given up if it takes nothing until then; Infinity while nothing waits. */
  get stuckDeadlineMs(): number {
    if (this.#stuck === undefined) return Number.POSITIVE_INFINITY;
    return this.#stuck.sinceMs + this.#core.config.writeTimeoutMs;
  }

  /** How many more bytes there are until it is full. */
  get room(): number {
    return this.#core.config.writeBufferBytes - this.unsentBytes;
  }

  /** Whether its publishers have been held up for it for as long as they may. */
  get isSpent(): boolean {
    return this.#slowEpisode?.isSpent === true;
  }

  /** Where `append` and `reserve` have made room, until one of them is called again. */
  get bytes(): Buffer {
    return this.#buffer.bytes;
  }

  /** Adds a copy of `bytes[start..end)`, and returns where in `this.bytes` it begins. */
  append(bytes: Buffer, start = 0, end = bytes.length): number {
    this.#sendAtTurnEnd();
    return this.#buffer.append(bytes, start, end);
  }

  /** Makes room for so many bytes, to be put into `bytes` at once from the returned offset on. */
  reserve(length: number): number {
    this.#sendAtTurnEnd();
    return this.#buffer.reserve(length);
  }

  /** Adds bytes of a slab that others send too. */
  share(slab: Slab, start: number, end: number): void {
    this.#sendAtTurnEnd();
    this.#buffer.share(slab, start, end);
  }

  /** A message was added, or queued: whoever published it is held up if more waits than should. */
  noteMessage(): void {
    // Not all that it is sent has to leave for that: the next burst has a grace of its own.
    if (this.#slowEpisode !== undefined && this.#isRelieved) this.#endSlowEpisode();
    if (this.#slowEpisode === undefined) {
      if (!this.#isSlow) return;
      this.#slowEpisode = new SlowEpisode(() => this.#tellSlow());
      const graceEndMs = this.#core.ports.nowMs() + this.#core.config.slowGraceMs;
      this.#core.deadlines.set(this.#slowEpisode, graceEndMs);
      this.#core.rearm();
    }
    this.#core.holdPublisher(this.#slowEpisode);
  }

  /** Nothing more leaves until as many let go as have taken hold: it must not be seen yet. */
  hold(): void {
    if (this.#holders === 0) this.#freeBytes = this.#buffer.length;
    this.#holders += 1;
  }

  letGo(): void {
    if (this.#holders === 0) return; // It was dropped.
    this.#holders -= 1;
    if (this.#holders === 0 && this.#buffer.length > 0) this.#sendAtTurnEnd();
  }

  /** Gives up what came since the first took hold: the connection ends, and cannot wait. */
  dropHeld(): void {
    if (this.#holders === 0) return;
    this.#holders = 0;
    this.#buffer.cut(this.#freeBytes);
  }

  /** One write for all that this turn has brought. */
  flush(): void {
    this.#isFlushPending = false;
    if (this.#holders > 0) return;
    const { length } = this.#buffer;
    if (length === 0) return;
    this.#core.counters.bytesSent += length;
    this.#writtenBytes += length;
    if (this.#buffer.flush(this.#owner.channel)) this.#onRoom();
    else if (this.#stuck === undefined) {
      this.#stuck = { sinceMs: this.#core.ports.nowMs(), takenBytes: this.#takenBytes };
      this.#owner.schedule();
    }
  }

  onDrained(): void {
    this.#buffer.onDrained();
    this.#onRoom();
    this.#owner.schedule();
  }

  /** The channel is gone, and what waits with it. */
  discard(): void {
    this.#buffer.discard();
    this.#stuck = undefined;
    this.#endSlowEpisode();
  }

  /** Whether the client has taken nothing for too long; what it has taken starts the time anew. */
  isStuck(nowMs: number): boolean {
    if (this.#stuck === undefined || nowMs < this.stuckDeadlineMs) return false;
    const takenBytes = this.#takenBytes;
    if (takenBytes === this.#stuck.takenBytes) return true;
    this.#stuck = { sinceMs: nowMs, takenBytes };
    return false;
  }

  #sendAtTurnEnd(): void {
    if (this.#isFlushPending) return;
    this.#isFlushPending = true;
    this.#core.flushAtTurnEnd(this);
  }

  get #takenBytes(): number {
    return this.#writtenBytes - this.#owner.channel.unsentBytes;
  }

  get #isSlow(): boolean {
    return this.isFull || this.#owner.isBehind;
  }

  /** Whether who was slow is so no more: a little room is soon filled again. */
  get #isRelieved(): boolean {
    return this.#isHalfEmpty && !this.#owner.isBehind;
  }

  get #isHalfEmpty(): boolean {
    return this.unsentBytes * 2 < this.#roomBytes;
  }

  /** Where memory is used up slow clients have no more room than all others. */
  get #roomBytes(): number {
    const { config, memory } = this.#core;
    const { writeBufferBytes } = config;
    return memory.isExhausted ? Math.min(writeBufferBytes, POOLED_BYTES) : writeBufferBytes;
  }

  /** What the client has not taken yet. */
  get unsentBytes(): number {
    // A channel that was not stuck at its last write has sent all.
    const heldBytes = this.#stuck === undefined ? 0 : this.#owner.channel.unsentBytes;
    return this.#buffer.length + heldBytes;
  }

  #onRoom(): void {
    this.#stuck = undefined;
    this.#owner.onRoom();
    if (this.#isRelieved) this.#endSlowEpisode();
  }

  /** The grace was not enough: from now on the client alone bears what it does not take. */
  #tellSlow(): void {
    const { config, ports } = this.#core;
    this.#slowTally ??= new Tally();
    const count = this.#slowTally.add(ports.nowMs());
    if (count === 0) return;
    const isFull = this.unsentBytes >= config.writeBufferBytes;
    const what = isFull ? 'takes what it is sent' : 'acknowledges what it is sent';
    const fields = {
      client: this.#owner.clientId,
      addr: this.#owner.channel.peer,
      unsent: this.unsentBytes,
      count,
      limit: isFull ? '--write-buffer' : '--max-queue-messages',
      message: `the client ${what} more slowly than messages for it come`,
      next: 'have it subscribe to less, look at its network, or raise --slow-grace',
    };
    ports.log({ level: 'warn', event: 'slow_consumer', fields });
  }

  #endSlowEpisode(): void {
    if (this.#slowEpisode === undefined) return;
    this.#core.deadlines.set(this.#slowEpisode, undefined);
    this.#slowEpisode.end();
    this.#slowEpisode = undefined;
  }
}

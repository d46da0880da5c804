import { type Message, messageBytes } from './message.ts';

/** How much a queue may hold, and what goes when it is full. */
export interface QueueLimits {
  /** Messages, 0..; 0 leaves the bound to the bytes. */
  readonly messagesMax: number;
  /** Bytes of topics, payloads and what holds them. */
  readonly bytesMax: number;
  /** `dropOld` keeps the newest state, `dropNew` the oldest. */
  readonly whenFull: 'dropOld' | 'dropNew';
}

/** Something that waits in a queue: a message, and how it is to be delivered. */
export interface Queued {
  readonly message: Message;
}

/**
 * What waits for one client that is away, slow or has no quota left: first in, first out, with a
 * bound. What is dropped is counted by whom it is returned to.
 */
export class MessageQueue<T extends Queued> {
  /** Taken from `#start`; the places before it are given up when they outweigh the rest. */
  #items: (T | undefined)[] = [];
  #start = 0;
  #bytes = 0;
  readonly #limits: QueueLimits;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#items.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Appends; returns how many were dropped for it, the new one among them if it is not taken. */
  push(item: T): number {
    const bytes = messageBytes(item.message);
    if (bytes > this.#limits.bytesMax) return 1;
    let dropped = 0;
    while (!this.#fits(bytes)) {
      if (this.#limits.whenFull === 'dropNew') return 1;
      this.shift();
      dropped += 1;
    }
    this.#items.push(item);
    this.#bytes += bytes;
    return dropped;
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#items[this.#start] = undefined; // Or its payload would live on.
    this.#start += 1;
    this.#bytes -= messageBytes(item.message);
    if (this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  #fits(bytes: number): boolean {
    const { bytesMax, messagesMax } = this.#limits;
    if (messagesMax > 0 && this.length >= messagesMax) return false;
    return this.#bytes + bytes <= bytesMax;
  }
}

import type { QoS } from '../codec/packet.ts';
import type { Keeper } from './keeper.ts';
import { type Message, messageBytes } from './message.ts';

/** How much a queue may hold, and what goes when it is full. */
export interface QueueLimits {
  /** Messages, 0..; 0 leaves the bound to the bytes. */
  readonly messagesMax: number;
  /** Bytes of topics, payloads and what holds them. */
  readonly bytesMax: number;
  /** `drop-old` keeps the newest state, `drop-new` the oldest. */
  readonly whenFull: 'drop-old' | 'drop-new';
}

/** Something that waits in a queue: a message, and how it is to be delivered. */
export interface Queued {
  readonly message: Message;
  readonly qos: QoS;
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
  #qos0Count = 0;
  readonly #limits: QueueLimits;
  readonly #keeper: Keeper<T> | undefined;

  constructor(limits: QueueLimits, keeper?: Keeper<T>) {
    this.#limits = limits;
    this.#keeper = keeper;
  }

  get length(): number {
    return this.#items.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many of them go out with QoS 0: one that comes now may not overtake them. */
  get qos0Count(): number {
    return this.#qos0Count;
  }

  /** Whether it is full by their number, and not by their bytes. */
  get isFullByCount(): boolean {
    const { messagesMax } = this.#limits;
    return messagesMax > 0 && this.length >= messagesMax;
  }

  /** What would be taken next. */
  get first(): T | undefined {
    return this.#items[this.#start];
  }

  /** Appends; returns how many were dropped for it, the new one among them if it is not taken. */
  push(item: T): number {
    const bytes = messageBytes(item.message);
    if (bytes > this.#limits.bytesMax) return 1;
    let dropped = 0;
    while (!this.#fits(bytes)) {
      if (this.#limits.whenFull === 'drop-new') return 1;
      this.shift();
      dropped += 1;
    }
    this.#items.push(item);
    this.#keeper?.onKept(item);
    this.#bytes += bytes;
    if (item.qos === 0) this.#qos0Count += 1;
    return dropped;
  }

  /** Gives all up. */
  clear(): void {
    while (this.shift() !== undefined);
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#items[this.#start] = undefined; // Or its payload would live on.
    this.#start += 1;
    this.#bytes -= messageBytes(item.message);
    this.#keeper?.onGivenUp(item);
    if (item.qos === 0) this.#qos0Count -= 1;
    if (this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  #fits(bytes: number): boolean {
    return !this.isFullByCount && this.#bytes + bytes <= this.#limits.bytesMax;
  }
}

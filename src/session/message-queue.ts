import type { QoS } from '../codec/packet.ts';
import type { Keeper } from './keeper.ts';

/** How much a queue may hold, and what goes when it is full. */
export interface QueueLimits {
  /** Messages, 0..; 0 leaves the bound to the bytes. */
  readonly messagesMax: number;
  /** Bytes of topics, payloads and what holds them. */
  readonly bytesMax: number;
  /** `drop-old` keeps the newest state, `drop-new` the oldest. */
  readonly whenFull: 'drop-old' | 'drop-new';
}

/** One message or several that wait in a queue, and how they are to be delivered. */
export interface Queued {
  readonly qos: QoS;
  /** What a message of them counts. */
  bytesOf(index: number): number;
}

interface Line<T> {
  items: (T | undefined)[];
  /** Which of its item's messages each is. */
  indexes: number[];
}

/**
 * What waits for one client that is away, slow or has no quota left: first in, first out, with a
 * bound. What is dropped is counted by whom it is returned to.
 */
export class MessageQueue<T extends Queued> {
  /**
   * Taken from `#start`; the places before it are given up when they outweigh the rest. Made by the
   * first message that waits: for most clients none ever does.
   */
  #line: Line<T> | undefined = undefined;
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
    return (this.#line?.items.length ?? 0) - this.#start;
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
    return this.#line?.items[this.#start];
  }

  /** Which of the messages of `first` that is. */
  get firstIndex(): number {
    return this.#line?.indexes[this.#start] ?? 0;
  }

  /** How many of the next are messages of `first` that follow one another, `most` at most. */
  countTogether(most: number): number {
    if (this.#line === undefined) return 0;
    const { items, indexes } = this.#line;
    const start = this.#start;
    const first = items[start];
    const firstIndex = indexes[start] ?? 0;
    let count = 0;
    while (
      count < most &&
      first !== undefined &&
      items[start + count] === first &&
      indexes[start + count] === firstIndex + count
    ) {
      count += 1;
    }
    return count;
  }

  /** Appends; returns how many were dropped for it, the new one among them if it is not taken. */
  push(item: T, index = 0): number {
    const bytes = item.bytesOf(index);
    if (bytes > this.#limits.bytesMax) return 1;
    let dropped = 0;
    while (!this.#fits(bytes)) {
      if (this.#limits.whenFull === 'drop-new') return 1;
      this.shift();
      dropped += 1;
    }
    this.#append(item, index);
    return dropped;
  }

  /** Appends what waited before the broker was started: its bounds hold for what comes behind. */
  restore(item: T): void {
    this.#append(item, 0);
  }

  /** Gives all up. */
  clear(): void {
    while (this.shift() !== undefined);
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    const line = this.#line;
    const item = line?.items[this.#start];
    if (line === undefined || item === undefined) return undefined;
    const { items, indexes } = line;
    this.#bytes -= item.bytesOf(indexes[this.#start] ?? 0);
    if (item.qos === 0) this.#qos0Count -= 1;
    items[this.#start] = undefined; // Or its payload would live on.
    this.#start += 1;
    this.#keeper?.onGivenUp(item);
    if (this.#start * 2 > items.length) {
      line.items = items.slice(this.#start);
      line.indexes = indexes.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  #append(item: T, index: number): void {
    this.#line ??= { items: [], indexes: [] };
    this.#line.items.push(item);
    this.#line.indexes.push(index);
    this.#keeper?.onKept(item);
    this.#bytes += item.bytesOf(index);
    if (item.qos === 0) this.#qos0Count += 1;
  }

  #fits(bytes: number): boolean {
    return !this.isFullByCount && this.#bytes + bytes <= this.#limits.bytesMax;
  }
}

import { assert } from './assert.ts';

/** Something that waits for a moment. It belongs to at most one `Deadlines`. */
export interface Waiter {
  /** Called once when the moment has come; it may set the next one. */
  onDeadline(nowMs: number): void;
}

interface Entry {
  readonly waiter: Waiter;
  atMs: number;
  /** Where in the heap it lies. */
  index: number;
}

/**
 * All that waits for time to pass, served by one alarm: a binary heap, soonest first. Setting,
 * moving and removing a deadline costs the logarithm of how many there are. Moments are numbers
 * of any size: what a timer of the machine can bear is its own affair.
 */
export class Deadlines {
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<Waiter, Entry>();

  /** How many wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** The next moment at which somebody is due; undefined if nobody waits. */
  nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Sets or moves a waiter's one deadline; `undefined` and Infinity remove it. */
  set(waiter: Waiter, atMs: number | undefined): void {
    const entry = this.#entries.get(waiter);
    if (atMs === undefined || atMs === Number.POSITIVE_INFINITY) {
      if (entry !== undefined) this.#remove(entry);
      return;
    }
    assert(Number.isFinite(atMs), 'a deadline is a moment');
    if (entry === undefined) {
      const added: Entry = { waiter, atMs, index: this.#heap.length };
      this.#entries.set(waiter, added);
      this.#heap.push(added);
      this.#rise(added);
      return;
    }
    entry.atMs = atMs;
    this.#rise(entry);
    this.#sink(entry);
  }

  /** Serves all who are due at `nowMs`, soonest first; those that they set for then, too. */
  advance(nowMs: number): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.atMs > nowMs) return;
      this.#remove(first);
      first.waiter.onDeadline(nowMs);
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.waiter);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, entry.index);
    this.#rise(last);
    this.#sink(last);
  }

  #put(entry: Entry, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }

  #rise(entry: Entry): void {
    while (entry.index > 0) {
      const above = this.#heap[(entry.index - 1) >> 1];
      if (above === undefined || above.atMs <= entry.atMs) return;
      this.#swap(above, entry);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const least =
        right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (least === undefined || least.atMs >= entry.atMs) return;
      this.#swap(entry, least);
    }
  }

  #swap(upper: Entry, lower: Entry): void {
    const { index } = upper;
    this.#put(upper, lower.index);
    this.#put(lower, index);
  }
}

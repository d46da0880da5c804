import { assert } from '../base/assert.ts';

/** Something that may be kept in several places, and is there once. */
export interface Kept {
  readonly bytes: number;
  /** In how many places it is kept. */
  holders: number;
}

/** How short memory is: not at all, worth a word, publishers are held up, nothing more is kept. */
export type Shortage = 0 | 1 | 2 | 3;

/** What the objects of one message cost beyond its own estimate, measured for small ones. */
const KEPT_BYTES = 320;

interface Stage {
  /** Parts of the limit from which on it holds, and below which it does so no more. */
  readonly from: number;
  readonly until: number;
}

const STAGES: readonly Stage[] = [
  { from: 0, until: Number.NEGATIVE_INFINITY },
  { from: 0.7, until: 0.65 },
  { from: 0.85, until: 0.8 },
  { from: 0.95, until: 0.9 },
];

/**
 * What the broker holds for its clients, in bytes: a running sum, kept by those who take memory and
 * give it back. Buffers and payloads are counted, objects are estimated.
 */
export class MemoryAccount {
  readonly bytesMax: number;
  readonly #onShortage: (shortage: Shortage) => void;
  #bytes = 0;
  #shortage: Shortage = 0;
  #riseAt: number;
  #fallBelow = Number.NEGATIVE_INFINITY;

  /** @param onShortage told where it changes, from within `add`: it must only take note. */
  constructor(bytesMax: number, onShortage: (shortage: Shortage) => void) {
    this.bytesMax = bytesMax;
    this.#onShortage = onShortage;
    this.#riseAt = startOf(1, bytesMax);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get shortage(): Shortage {
    return this.#shortage;
  }

  /** Whether new sessions are refused, and publishers held up. */
  get isShort(): boolean {
    return this.#shortage >= 2;
  }

  /** Whether nothing more is kept of what comes from the network. */
  get isExhausted(): boolean {
    return this.#shortage === 3;
  }

  /** So many bytes are taken; below 0: given back. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#riseAt || this.#bytes < this.#fallBelow) this.#move();
  }

  /** It is kept in one place more: its bytes count once, however many keep it. */
  hold(kept: Kept): void {
    const before = kept.holders;
    kept.holders = before + 1;
    if (before === 0) this.add(kept.bytes + KEPT_BYTES);
  }

  letGo(kept: Kept): void {
    const left = kept.holders - 1;
    assert(left >= 0, 'only what is kept is given up');
    kept.holders = left;
    if (left === 0) this.add(-kept.bytes - KEPT_BYTES);
  }

  /** Whether with so many bytes nothing more would be kept, where it is so now. */
  isExhaustedBy(bytes: number): boolean {
    return bytes >= endOf(3, this.bytesMax);
  }

  #move(): void {
    let next: number = this.#shortage;
    while (next < 3 && this.#bytes >= startOf(next + 1, this.bytesMax)) next += 1;
    while (next > 0 && this.#bytes < endOf(next, this.bytesMax)) next -= 1;
    this.#riseAt = startOf(next + 1, this.bytesMax);
    this.#fallBelow = endOf(next, this.bytesMax);
    if (next === this.#shortage) return;
    this.#shortage = next as Shortage;
    this.#onShortage(this.#shortage);
  }
}

function startOf(shortage: number, bytesMax: number): number {
  return bytesMax * (STAGES[shortage]?.from ?? Number.POSITIVE_INFINITY);
}

function endOf(shortage: number, bytesMax: number): number {
  return bytesMax * (STAGES[shortage]?.until ?? Number.NEGATIVE_INFINITY);
}

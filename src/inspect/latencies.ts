/** Of one kind of request so many latencies are held; of more, every second, fourth, eighth... */
const HELD_MAX = 10_000;

/** Smallest, middle and largest of any number of durations, in bounded memory. */
export class Latencies {
  #held: number[] = [];
  #stride = 1;
  count = 0;
  minMs = Infinity;
  maxMs = 0;

  add(ms: number): void {
    if (this.count % this.#stride === 0) this.#held.push(ms);
    this.count += 1;
    this.minMs = Math.min(this.minMs, ms);
    this.maxMs = Math.max(this.maxMs, ms);
    if (this.#held.length < HELD_MAX) return;
    this.#held = this.#held.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** Of those held: exact for the first 10,000. */
  get medianMs(): number {
    const sorted = [...this.#held].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const [below = 0, above = 0] = [sorted[middle - 1], sorted[middle]];
    return sorted.length % 2 === 1 ? above : (below + above) / 2;
  }
}

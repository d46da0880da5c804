import { assert } from '../base/assert.ts';

const PACKET_ID_MAX = 65_535;

/**
 * The packet ids of one publisher that are not yet acknowledged: a bit for each, where a `Set`
 * would take ten times as long. Counts up and starts over.
 */
export class InFlightIds {
  readonly #bits = new Uint32Array((PACKET_ID_MAX + 1) / 32);
  #last = 0;
  #count = 0;

  /** How many are in use. */
  get count(): number {
    return this.#count;
  }

  /** The next id, 1..65_535, which is in use from now on. There must be one left. */
  take(): number {
    assert(this.#count < PACKET_ID_MAX, 'a window is smaller than the number of packet ids');
    do this.#last = this.#last === PACKET_ID_MAX ? 1 : this.#last + 1;
    while (this.has(this.#last));
    this.#flip(this.#last);
    this.#count += 1;
    return this.#last;
  }

  /** Whether this id is in use. */
  has(id: number): boolean {
    return ((this.#bits[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  /** The id may be taken again. False if it was not in use. */
  free(id: number): boolean {
    if (!this.has(id)) return false;
    this.#flip(id);
    this.#count -= 1;
    return true;
  }

  #flip(id: number): void {
    this.#bits[id >>> 5] = (this.#bits[id >>> 5] ?? 0) ^ (1 << (id & 31));
  }
}

/** What a kept thing takes beside its text: the objects and the places in maps. */
const ENTRY_BYTES = 200;

/**
 * How much memory may go into what was seen of all connections: a capture of days must not fill
 * the machine. What no longer finds room is not kept, and nothing is concluded from its absence.
 */
export class StateBudget {
  #leftBytes: number;
  /** Whether there was ever no room for something. */
  hasOverflowed = false;

  constructor(bytesMax: number) {
    this.#leftBytes = bytesMax;
  }

  /** Makes room for an entry with a text of this length; false if there is none. */
  take(textLength = 0): boolean {
    const bytes = ENTRY_BYTES + 2 * textLength;
    if (bytes > this.#leftBytes) {
      this.hasOverflowed = true;
      return false;
    }
    this.#leftBytes -= bytes;
    return true;
  }

  /** Gives back what `take` gave for an entry with such a text. */
  give(textLength = 0): void {
    this.#leftBytes += ENTRY_BYTES + 2 * textLength;
  }
}

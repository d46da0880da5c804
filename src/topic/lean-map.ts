/**
 * A Map for places where most hold one entry and there are a million of them: the first entry lies
 * in two fields (48 bytes in all on Node 20), and only the second brings a Map (184 more). Once
 * there is a Map it stays until the owner drops the whole: who is iterating it sees what goes on.
 */
export class LeanMap<Key extends string | object, Value> {
  #key: Key | undefined = undefined;
  #value: Value | undefined = undefined;
  /** Everything, as soon as there were two at a time; the fields are empty then. */
  #map: Map<Key, Value> | undefined = undefined;

  get size(): number {
    if (this.#map !== undefined) return this.#map.size;
    return this.#key === undefined ? 0 : 1;
  }

  has(key: Key): boolean {
    return this.#map === undefined ? this.#key === key : this.#map.has(key);
  }

  get(key: Key): Value | undefined {
    if (this.#map !== undefined) return this.#map.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  /** Adds an entry, or replaces the value that `key` had. */
  set(key: Key, value: Value): void {
    if (this.#map !== undefined) {
      this.#map.set(key, value);
    } else if (this.#key === undefined || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#map = new Map([[this.#key, this.#value as Value]]);
      this.#map.set(key, value);
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  /** Whether there was such an entry to delete. */
  delete(key: Key): boolean {
    if (this.#map !== undefined) return this.#map.delete(key);
    if (this.#key !== key) return false;
    this.#key = undefined;
    this.#value = undefined;
    return true;
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
    this.#map = undefined;
  }

  /** Visits all in the order in which they came. */
  forEach(visit: (value: Value, key: Key) => void): void {
    if (this.#map !== undefined) this.#map.forEach(visit);
    else if (this.#key !== undefined) visit(this.#value as Value, this.#key);
  }

  [Symbol.iterator](): IterableIterator<readonly [Key, Value]> {
    if (this.#map !== undefined) return this.#map[Symbol.iterator]();
    const entry = [this.#key as Key, this.#value as Value] as const;
    return (this.#key === undefined ? [] : [entry]).values();
  }

  /**
   * The values, in the order in which they came. As with a Map, entries may come and go between
   * two steps: one that stays is given once, one that is deleted before its turn is not given
   * (unless it was alone), and one that is added may or may not be.
   */
  values(): IterableIterator<Value> {
    if (this.#map !== undefined) return this.#map.values();
    return (this.#key === undefined ? [] : [this.#value as Value]).values();
  }
}

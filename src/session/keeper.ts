/** Hears what a collection keeps, for an account of memory. */
export interface Keeper<T> {
  onKept(item: T): void;
  /** The collection has it no more, for whatever reason. */
  onGivenUp(item: T): void;
}

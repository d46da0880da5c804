/**
 * Knows of each message whether it has come, from the sequence that it bears. What was published
 * and not taken here is lost.
 */
export interface DeliveryLedger {
  /** Messages that have come, each counted once for every subscriber that is to get it. */
  readonly uniqueCount: number;
  /** Messages that came once more. */
  readonly duplicateCount: number;
  /** Messages that came after a later one of the same publisher, to the same subscriber. */
  readonly disorderedCount: number;
  /** Messages that nobody of this run has published, or not for this subscriber. */
  readonly strayCount: number;
  /**
   * Messages that have come or, as a later one has, most probably will not: those that need not be
   * waited for.
   */
  readonly settledCount: number;
  /** A message has come; true if it is the first time. `sequence` is modulo 2^32. */
  take(subscriber: number, publisher: number, sequence: number): boolean;
  /** A message has come that is none of ours by its length. */
  onStray(): void;
}

/** The figures of a ledger, for those that keep one. */
export class DeliveryCounts {
  uniqueCount = 0;
  duplicateCount = 0;
  disorderedCount = 0;
  strayCount = 0;
  settledCount = 0;

  onStray(): void {
    this.strayCount += 1;
  }
}

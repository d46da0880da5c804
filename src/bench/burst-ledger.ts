import { DeliveryCounts, type DeliveryLedger } from './delivery-ledger.ts';

/**
 * For subscribers that each get the same set of messages, in any order, and later once more: a bit
 * for each of them.
 */
export class BurstLedger extends DeliveryCounts implements DeliveryLedger {
  readonly #messageCount: number;
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(subscriberCount: number, messageCount: number) {
    super();
    this.#messageCount = messageCount;
    this.#words = Math.ceil(messageCount / 32);
    this.#bits = new Uint32Array(subscriberCount * this.#words);
  }

  /** All of them are to come again. */
  restart(): void {
    this.#bits.fill(0);
  }

  take(subscriber: number, publisher: number, sequence: number): boolean {
    if (publisher !== 0 || sequence >= this.#messageCount) {
      this.strayCount += 1;
      return false;
    }
    const at = subscriber * this.#words + (sequence >>> 5);
    const word = this.#bits[at] ?? 0;
    const bit = 1 << (sequence & 31);
    if ((word & bit) !== 0) {
      this.duplicateCount += 1;
      return false;
    }
    this.#bits[at] = word | bit;
    this.uniqueCount += 1;
    this.settledCount += 1;
    return true;
  }
}

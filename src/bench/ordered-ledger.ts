import { DeliveryCounts, type DeliveryLedger } from './delivery-ledger.ts';

/** Half-open, modulo 2^32. */
interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Of that many gaps it is known which of their messages come late; of older ones all are lost. */
const GAPS_MAX = 10_000;

/**
 * For subscribers that get all that a publisher sends, in order: the sequence that is due next, for
 * each pair of them. Where one is skipped, the gap is remembered until it is filled.
 */
export class OrderedLedger extends DeliveryCounts implements DeliveryLedger {
  readonly #publisherCount: number;
  readonly #isPaired: boolean;
  readonly #dueNext: Uint32Array;
  /** By flow; empty while nothing goes wrong. */
  readonly #gaps = new Map<number, Gap[]>();
  #gapCount = 0;

  /**
   * @param isPaired whether each subscriber hears the publisher of its own number alone, rather
   *   than all.
   */
  constructor(subscriberCount: number, publisherCount: number, isPaired: boolean) {
    super();
    this.#publisherCount = publisherCount;
    this.#isPaired = isPaired;
    this.#dueNext = new Uint32Array(isPaired ? publisherCount : subscriberCount * publisherCount);
  }

  take(subscriber: number, publisher: number, sequence: number): boolean {
    const isExpected = this.#isPaired ? subscriber === publisher : publisher < this.#publisherCount;
    if (!isExpected) {
      this.strayCount += 1;
      return false;
    }
    const flow = this.#isPaired ? publisher : subscriber * this.#publisherCount + publisher;
    const skipped = (sequence - (this.#dueNext[flow] ?? 0)) | 0;
    if (skipped < 0) return this.#takeLate(flow, sequence);
    if (skipped > 0) this.#skip(flow, sequence);
    this.#dueNext[flow] = sequence + 1;
    this.settledCount += skipped + 1;
    this.uniqueCount += 1;
    return true;
  }

  #skip(flow: number, end: number): void {
    const gaps = this.#gaps.get(flow) ?? [];
    gaps.push({ start: this.#dueNext[flow] ?? 0, end });
    this.#gaps.set(flow, gaps);
    this.#gapCount += 1;
    if (this.#gapCount > GAPS_MAX) this.#forgetOldest();
  }

  /** It fills a gap, or has come before. */
  #takeLate(flow: number, sequence: number): boolean {
    const gaps = this.#gaps.get(flow) ?? [];
    const index = gaps.findIndex(({ end, start }) => isWithin(sequence, start, end));
    const gap = gaps[index];
    if (gap === undefined) {
      this.duplicateCount += 1;
      return false;
    }
    const rest = [
      { start: gap.start, end: sequence },
      { start: (sequence + 1) >>> 0, end: gap.end },
    ].filter(({ end, start }) => start !== end);
    gaps.splice(index, 1, ...rest);
    if (gaps.length === 0) this.#gaps.delete(flow);
    this.#gapCount += rest.length - 1;
    this.disorderedCount += 1;
    this.uniqueCount += 1;
    return true;
  }

  #forgetOldest(): void {
    for (const [flow, gaps] of this.#gaps) {
      gaps.shift();
      this.#gapCount -= 1;
      if (gaps.length === 0) this.#gaps.delete(flow);
      return;
    }
  }
}

function isWithin(sequence: number, start: number, end: number): boolean {
  return (sequence - start) >>> 0 < (end - start) >>> 0;
}

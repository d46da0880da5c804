import { DeliveryCounts, type DeliveryLedger } from './delivery-ledger.ts';

/** How far apart the messages of one publisher may be when they come: 16 KB for each publisher. */
const WINDOW = 131_072;
const WORDS = WINDOW / 32;

/**
 * For subscribers that share what is published, so that each message comes to any one of them: a
 * bit for each of a publisher's last messages.
 */
export class SharedLedger extends DeliveryCounts implements DeliveryLedger {
  readonly #publisherCount: number;
  readonly #bits: Uint32Array;
  /** The sequence behind the highest that has come, by publisher. */
  readonly #ends: Uint32Array;
  /** The same, by subscriber and publisher. */
  readonly #ownEnds: Uint32Array;

  constructor(subscriberCount: number, publisherCount: number) {
    super();
    this.#publisherCount = publisherCount;
    this.#bits = new Uint32Array(publisherCount * WORDS);
    this.#ends = new Uint32Array(publisherCount);
    this.#ownEnds = new Uint32Array(subscriberCount * publisherCount);
  }

  take(subscriber: number, publisher: number, sequence: number): boolean {
    if (publisher >= this.#publisherCount) {
      this.strayCount += 1;
      return false;
    }
    const ahead = (sequence - (this.#ends[publisher] ?? 0)) | 0;
    if (ahead >= 0) this.#advance(publisher, sequence, ahead);
    else if (ahead < -WINDOW || this.#has(publisher, sequence)) {
      this.duplicateCount += 1;
      return false;
    }
    this.#set(publisher, sequence);
    this.uniqueCount += 1;
    this.settledCount += 1;
    const pair = subscriber * this.#publisherCount + publisher;
    const isInOrder = ((sequence - (this.#ownEnds[pair] ?? 0)) | 0) >= 0;
    if (isInOrder) this.#ownEnds[pair] = sequence + 1;
    else this.disorderedCount += 1;
    return true;
  }

  /** Moves the window up to `sequence`: what drops out of it is lost. */
  #advance(publisher: number, sequence: number, ahead: number): void {
    const cleared = Math.min(ahead, WINDOW);
    for (let back = 0; back <= cleared; back += 1) this.#clear(publisher, sequence - back);
    this.#ends[publisher] = sequence + 1;
  }

  #word(publisher: number, sequence: number): number {
    return publisher * WORDS + ((sequence & (WINDOW - 1)) >>> 5);
  }

  #has(publisher: number, sequence: number): boolean {
    const word = this.#bits[this.#word(publisher, sequence)] ?? 0;
    return (word & (1 << (sequence & 31))) !== 0;
  }

  #set(publisher: number, sequence: number): void {
    const at = this.#word(publisher, sequence);
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (sequence & 31));
  }

  #clear(publisher: number, sequence: number): void {
    const at = this.#word(publisher, sequence);
    this.#bits[at] = (this.#bits[at] ?? 0) & ~(1 << (sequence & 31));
  }
}

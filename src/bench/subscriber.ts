import type { Buffer } from 'node:buffer';
import type { LinkRole } from './bench-link.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import type { PublishSpan } from './frame-scanner.ts';
import type { Histogram } from './histogram.ts';

/** Who counts what subscribers get. */
export interface SubscriberHost {
  readonly ledger: DeliveryLedger;
  /** Microseconds from due to delivered. */
  readonly latency: Histogram;
  /** Bytes of a payload. */
  readonly payloadBytes: number;
  /** Microseconds from some moment, modulo 2^32: asked once for each chunk. */
  nowUs(): number;
  /** Something was delivered. */
  onDelivered(): void;
}

/** One link that receives: each message is looked up by the stamp in its payload. */
export class Subscriber implements LinkRole {
  readonly #host: SubscriberHost;
  readonly #index: number;
  #chunkUs = 0;

  constructor(host: SubscriberHost, index: number) {
    this.#host = host;
    this.#index = index;
  }

  onChunk(): void {
    this.#chunkUs = this.#host.nowUs();
  }

  onMessage(bytes: Buffer, { payloadAt, payloadEnd }: PublishSpan): void {
    const { latency, ledger, payloadBytes } = this.#host;
    if (payloadEnd - payloadAt !== payloadBytes) {
      ledger.onStray();
      return;
    }
    const publisher = u32(bytes, payloadAt);
    const sequence = u32(bytes, payloadAt + 4);
    if (!ledger.take(this.#index, publisher, sequence)) return;
    latency.record((this.#chunkUs - u32(bytes, payloadAt + 8)) >>> 0);
  }

  onChunkEnd(): void {
    this.#host.onDelivered();
  }

  onSettled(): void {}
  onDrained(): void {}
}

/** Without the check of its range that `readUInt32BE` makes. */
function u32(bytes: Buffer, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return ((high << 16) | low) >>> 0;
}

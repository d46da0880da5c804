import { Buffer } from 'node:buffer';
import type { ChannelEvents } from '../../src/base/byte-channel.ts';

/** Notes what happens on a channel, and lets a test wait for it. */
export class RecordedEvents implements ChannelEvents {
  /** In order, `bytes`, `drained` and `closed`. */
  readonly seen: string[] = [];
  readonly chunks: Buffer[] = [];
  error: Error | undefined;
  readonly #waiting: { isThere: () => boolean; resolve: () => void }[] = [];

  /** All bytes that came. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  onBytes(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk));
    this.#note('bytes');
  }

  onDrained(): void {
    this.#note('drained');
  }

  onClosed(error: Error | undefined): void {
    this.error = error;
    this.#note('closed');
  }

  /** Resolves once `isThere`, which is asked after each event. */
  until(isThere: () => boolean): Promise<void> {
    if (isThere()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isThere, resolve }));
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.seen.includes('closed'));
  }

  #note(event: string): void {
    this.seen.push(event);
    for (const { isThere, resolve } of this.#waiting) if (isThere()) resolve();
  }
}

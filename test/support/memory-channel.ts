import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../../src/base/byte-channel.ts';

/** A channel whose other end is the test: what was written lies in `writes`. */
export class MemoryChannel implements ByteChannel {
  readonly peer = 'memory';
  /** One entry for each call of `write`. */
  readonly writes: Buffer[] = [];
  isPaused = false;
  /** Whether the peer has stopped reading: what is written then is held. */
  isBlocked = false;
  hasPeerEnded = false;
  closing: 'open' | 'ended' | 'destroyed' = 'open';
  #held = 0;
  #events: ChannelEvents | undefined = undefined;

  get unsentBytes(): number {
    return this.#held;
  }
  listen(events: ChannelEvents): void {
    this.#events = events;
  }
  write(bytes: Buffer): boolean {
    if (this.closing !== 'open') return true;
    this.writes.push(this.isBlocked ? bytes : Buffer.from(bytes));
    if (this.isBlocked) this.#held += bytes.length;
    return !this.isBlocked;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  end(): void {
    if (this.closing === 'open') this.closing = 'ended';
  }
  destroy(): void {
    this.closing = 'destroyed';
  }

  /** Bytes come from the other end. */
  arrive(bytes: Buffer): void {
    this.#events?.onBytes(bytes);
  }
  /** The other end reads again, and has read all. */
  drain(): void {
    this.isBlocked = false;
    this.#held = 0;
    this.#events?.onDrained();
  }
  /** The other end closes, or resets the connection. */
  close(error?: Error): void {
    this.#events?.onClosed(error);
  }
}

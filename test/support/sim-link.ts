import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../../src/base/byte-channel.ts';
import type { Random } from '../../src/base/random.ts';

/** How often a write has left at once; otherwise the broker's own buffer is read when it leaves. */
const LEAVES_AT_ONCE_PERCENT = 70;

/**
 * A connection that takes its time in both directions, chunk by chunk, as a simulator wills: in
 * order, until it is cut and loses what is under way.
 */
export class SimLink implements ByteChannel {
  readonly hasPeerEnded = false;
  readonly peer: string;
  unsentBytes = 0;
  isClosed = false;
  #events: ChannelEvents | undefined = undefined;
  #isPaused = false;
  #isEnding = false;
  #toBroker: Buffer[] = [];
  #toClient: { readonly bytes: Buffer; readonly isLent: boolean }[] = [];
  readonly #random: Random;
  readonly #onBytes: (bytes: Buffer) => void;

  /** @param onBytes the client's end. */
  constructor(peer: string, random: Random, onBytes: (bytes: Buffer) => void) {
    this.peer = peer;
    this.#random = random;
    this.#onBytes = onBytes;
  }

  listen(events: ChannelEvents): void {
    this.#events = events;
  }

  write(bytes: Buffer): boolean {
    const isLent = this.unsentBytes > 0 || !this.#random.chance(LEAVES_AT_ONCE_PERCENT);
    this.#toClient.push({ bytes: isLent ? bytes : Buffer.from(bytes), isLent });
    if (isLent) this.unsentBytes += bytes.length;
    return !isLent;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  end(): void {
    this.#isEnding = true;
  }

  destroy(): void {
    this.cut();
  }

  /** The client sends. */
  send(bytes: Buffer): void {
    if (!this.isClosed) this.#toBroker.push(bytes);
  }

  /** Loses all that is under way. The broker hears of it when the simulator says so. */
  cut(): void {
    this.isClosed = true;
    this.#toBroker = [];
    this.#toClient = [];
  }

  /** Moves a chunk, or a piece of one, one way or the other. False if there was nothing to move. */
  step(): boolean {
    if (this.isClosed) return this.#tellClosed();
    const [first] = this.#toClient;
    if (first !== undefined && (this.#random.chance(50) || this.#toBroker.length === 0)) {
      this.#toClient.shift();
      if (first.isLent) this.unsentBytes -= first.bytes.length;
      this.#onBytes(Buffer.from(first.bytes));
      if (first.isLent && this.unsentBytes === 0) this.#events?.onDrained();
      return true;
    }
    if (first !== undefined || !this.#isEnding) return this.#stepToBroker();
    this.cut();
    return true;
  }

  #stepToBroker(): boolean {
    const chunk = this.#isPaused ? undefined : this.#toBroker.shift();
    if (chunk === undefined) return false;
    const length = 1 + this.#random.below(chunk.length);
    if (length < chunk.length) this.#toBroker.unshift(chunk.subarray(length));
    const piece = Buffer.from(chunk.subarray(0, length));
    if (!this.#isEnding) this.#events?.onBytes(piece);
    piece.fill(0xff); // A view is good until `onBytes` returns.
    return true;
  }

  #tellClosed(): boolean {
    const events = this.#events;
    this.#events = undefined;
    events?.onClosed(undefined);
    return events !== undefined;
  }
}

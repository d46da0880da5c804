import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from './packet.ts';
import { ProtocolError } from './protocol-error.ts';

/** The longest fixed header: one byte of type, four of length. */
const HEADER_BYTES_MAX = 5;
const PARTIAL_BYTES_MIN = 256;

/** Whom a splitter asks about a packet, and gives it to. */
export interface FrameTarget {
  /** The version by whose text a length is refused; 5.0 where nobody knows yet. */
  readonly level?: ProtocolLevel;
  /**
   * A packet's header is complete: its first byte, and its whole size with the header in bytes.
   * Throw to refuse it before its body arrives, and before memory is spent on it.
   */
  onHeader(firstByte: number, packetBytes: number): void;
  /**
   * May take packets that begin at `start` and are complete before `end`, and says where the next
   * one begins: `start` if it leaves the first to `onHeader` and `onFrame`.
   */
  takeFrames?(bytes: Buffer, start: number, end: number): number;
  /**
   * May lend the memory for a packet that comes in several chunks: room for `packetBytes`, of which
   * `heldBytes` are there. Where it lends nothing, the splitter takes memory of its own.
   */
  lend?(packetBytes: number, heldBytes: number): Buffer | undefined;
  /** What was lent is not used any more. @param isTaken whether `takeFrames` took all it held. */
  giveBack?(isTaken: boolean): void;
  /** A packet is complete. The bytes are a view, good until this returns: copy what you keep. */
  onFrame(frame: Buffer): void;
}

/**
 * Cuts a byte stream into packets (section 2.1.4). Holds one unfinished packet at most, in memory
 * that follows the bytes received: never what a length merely promises.
 */
export class FrameSplitter {
  /** The unfinished packet: its bytes so far, and room to grow. Not kept while there is none. */
  #partial: Buffer | undefined = undefined;
  /** Whether that is the target's memory. */
  #isLent = false;
  #held = 0;
  /** Size of the unfinished packet once its header is complete, else 0. */
  #partialSize = 0;
  /** The fixed header that was refused, as far as it had come: what is left of its packet. */
  #refusedHeader: Buffer | undefined = undefined;
  /** Whether a reader may go on: `stop` ends the loop over the packets of one chunk. */
  #isStopped = false;
  readonly #target: FrameTarget;

  constructor(target: FrameTarget) {
    this.#target = target;
  }

  /** Bytes of the packet that has begun and not ended. */
  get heldBytes(): number {
    return this.#held;
  }

  /** Memory of its own for that packet: up to twice as much. */
  get reservedBytes(): number {
    return this.#isLent ? 0 : (this.#partial?.length ?? 0);
  }

  /** The fixed header of a packet that was refused by it; undefined until one was. */
  get refusedHeader(): Buffer | undefined {
    return this.#refusedHeader;
  }

  /** Ignores all that comes, the rest of the present chunk too. */
  stop(): void {
    this.#isStopped = true;
    this.#release();
  }

  /**
   * Takes a chunk of any size, and hands on each packet that it completes.
   *
   * @throws ProtocolError malformedPacket if a length runs past 4 bytes [MQTT-1.5.5-1], and what
   *   the target throws. The stream is lost after that: stop and close.
   */
  push(chunk: Buffer): void {
    let at = this.#held > 0 ? this.#complete(chunk) : 0;
    while (at < chunk.length && !this.#isStopped) {
      const taken = this.#target.takeFrames?.(chunk, at, chunk.length) ?? at;
      if (taken > at) {
        at = taken;
        continue;
      }
      const size = this.#header(chunk, at, chunk.length);
      if (this.#isStopped) return;
      if (size === 0 || at + size > chunk.length) {
        this.#hold(chunk, at, size);
        return;
      }
      const start = at;
      at += size;
      this.#target.onFrame(chunk.subarray(start, at));
    }
  }

  /** Goes on with the unfinished packet; returns where in the chunk the next one begins. */
  #complete(chunk: Buffer): number {
    let at = 0;
    while (this.#partialSize === 0) {
      if (at === chunk.length) return at;
      this.#append(chunk, at, at + 1);
      at += 1;
      const size = this.#header(this.#partial ?? chunk, 0, this.#held);
      if (this.#isStopped) return at;
      this.#partialSize = size;
    }
    const end = Math.min(chunk.length, at + this.#partialSize - this.#held);
    this.#append(chunk, at, end);
    if (this.#held < this.#partialSize) return end;
    this.#handOn(this.#partial?.subarray(0, this.#held) ?? chunk);
    return end;
  }

  /** The packet that was unfinished is complete. */
  #handOn(frame: Buffer): void {
    const isLent = this.#isLent;
    // Its memory goes back when it is dealt with, also where the target stops in between.
    this.#isLent = false;
    this.#release();
    let taken = 0;
    try {
      taken = this.#target.takeFrames?.(frame, 0, frame.length) ?? 0;
      if (taken === 0) this.#target.onFrame(frame);
    } finally {
      if (isLent) this.#target.giveBack?.(taken > 0);
    }
  }

  /** Size of the packet that begins at `start`, told to the target; 0 while it is not known. */
  #header(bytes: Buffer, start: number, end: number): number {
    try {
      return this.#askHeader(bytes, start, end);
    } catch (error) {
      const headerEnd = Math.min(end, headerEndOf(bytes, start));
      this.#refusedHeader = Buffer.from(bytes.subarray(start, headerEnd));
      throw error;
    }
  }

  #askHeader(bytes: Buffer, start: number, end: number): number {
    const size = packetSize(bytes, start, end);
    if (size === undefined) {
      const { level = 5 } = this.#target;
      const what = 'remainingLength runs past 4 bytes';
      throw new ProtocolError('length-too-long', what, { level, offset: 1 });
    }
    if (size > 0) this.#target.onHeader(bytes[start] ?? 0, size);
    return size;
  }

  #hold(chunk: Buffer, start: number, size: number): void {
    this.#partialSize = size;
    this.#append(chunk, start, chunk.length);
  }

  /** Doubles as it must, but never beyond the packet's own size. */
  #append(chunk: Buffer, start: number, end: number): void {
    const needed = this.#held + end - start;
    const partial = this.#partial;
    if (partial === undefined || partial.length < needed) {
      const larger = this.#room(needed, partial?.length ?? 0);
      partial?.copy(larger, 0, 0, this.#held);
      this.#partial = larger;
    }
    chunk.copy(this.#partial ?? chunk, this.#held, start, end);
    this.#held = needed;
  }

  #room(needed: number, before: number): Buffer {
    const size = this.#partialSize;
    const lent = size > 0 ? this.#target.lend?.(size, needed) : undefined;
    if (lent !== undefined) {
      this.#isLent = true;
      return lent;
    }
    const bound = size === 0 ? HEADER_BYTES_MAX : size;
    const wanted = Math.max(needed, before * 2, PARTIAL_BYTES_MIN);
    return Buffer.allocUnsafe(Math.max(needed, Math.min(wanted, bound)));
  }

  #release(): void {
    if (this.#isLent) this.#target.giveBack?.(true);
    this.#isLent = false;
    this.#partial = undefined;
    this.#held = 0;
    this.#partialSize = 0;
  }
}

function headerEndOf(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < start + HEADER_BYTES_MAX - 1 && (bytes[at] ?? 0) >= 0x80) at += 1;
  return at + 1;
}

/**
 * Size of the packet that begins at `start`, its header included; 0 while its length is unfinished,
 * undefined if it never ends. Any form of the length passes: who reads the packet knows the level,
 * and so whether [MQTT-1.5.5-1] holds.
 */
function packetSize(bytes: Buffer, start: number, end: number): number | undefined {
  let remaining = 0;
  for (let at = start + 1; at < start + HEADER_BYTES_MAX; at += 1) {
    if (at >= end) return 0;
    const byte = bytes[at] ?? 0;
    remaining += (byte & 0x7f) << (7 * (at - start - 1));
    if (byte < 0x80) return at - start + 1 + remaining;
  }
  return undefined;
}

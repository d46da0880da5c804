import { Buffer } from 'node:buffer';
import { RecentBytes } from './recent-bytes.ts';

/** Bytes that wait for others before them, of one side of one connection. */
export const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** Segments that wait, however small: each costs some memory of its own. */
const WAITING_SEGMENTS_MAX = 16_384;
/**
 * A hole that the other side has acknowledged is one only after so many more segments of the
 * connection: captures put segments out of order, and acknowledgements before what they are for.
 */
const PATIENCE_SEGMENTS = 16;

/** Data of a segment. */
export interface SegmentData {
  readonly bytes: Buffer;
  readonly timeMs: number | undefined;
  /** Where the bytes begin in the input. */
  readonly byte: number;
}

/** Who takes the bytes of one side, in the order in which they were sent, each once. */
export interface SideTarget {
  onData(data: SegmentData): void;
  /** The capture lacks so many bytes. */
  onHole(length: number): void;
  /** Bytes were sent again, and differ; the first count. */
  onDifference(): void;
}

/** All that waits in a capture, bounded together. */
export interface WaitingBudget {
  bytes: number;
  readonly bytesMax: number;
}

interface Waiting extends SegmentData {
  /** Of its first byte, as `#next`. */
  readonly start: number;
}

/** Puts the segments of one side of a connection in order. */
export class TcpSide {
  readonly #target: SideTarget;
  readonly #budget: WaitingBudget;
  /** Number of the next byte to pass on: that of the wire plus whole turns of 2^32. */
  #next: number | undefined = undefined;
  /** The number of the SYN, if there was one. */
  #begin: number | undefined = undefined;
  /** Where the FIN is, if there was one. */
  #fin: number | undefined = undefined;
  /** In order of their start; none overlaps another, and all begin behind #next. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** The other side has all before this one. */
  #acknowledged = 0;
  #patience = PATIENCE_SEGMENTS;
  /** The last bytes that were passed on: they end at #next. */
  readonly #recent = new RecentBytes();

  constructor(target: SideTarget, budget: WaitingBudget) {
    this.#target = target;
    this.#budget = budget;
  }

  /** Whether it is known where the stream of bytes stands. */
  get isBegun(): boolean {
    return this.#next !== undefined;
  }

  /** Whether a SYN of this number is the one that the stream began with. */
  isBegunAt(sequence: number): boolean {
    return this.#next !== undefined && this.#begin === sequence;
  }

  /** Whether all has come up to the FIN. */
  get isFinished(): boolean {
    return this.#fin !== undefined && (this.#next ?? 0) >= this.#fin;
  }

  /** A FIN comes behind the byte before this number. */
  finish(sequence: number): void {
    if (this.#next === undefined) this.begin(sequence, false);
    this.#fin = this.#unwrap(sequence);
  }

  /** The number of the first byte: behind a SYN, or of the first data that was captured. */
  begin(sequence: number, isSyn: boolean): void {
    this.#begin = isSyn ? sequence : undefined;
    this.#next = isSyn ? sequence + 1 : sequence;
    this.#acknowledged = this.#next;
  }

  /** Takes data that begins with this number. */
  push(sequence: number, data: SegmentData): void {
    if (this.#next === undefined) this.begin(sequence, false);
    const start = this.#unwrap(sequence);
    const next = this.#next ?? start;
    if (start > next) this.#keep({ ...data, start });
    else {
      this.#compare(start, data.bytes);
      const skip = next - start;
      if (skip < data.bytes.length) {
        this.#pass({ ...data, bytes: data.bytes.subarray(skip), byte: data.byte + skip });
        this.#passWaiting(data.timeMs);
      }
    }
    this.#checkHole();
  }

  /** The other side says that it has all before this number. */
  acknowledge(sequence: number): void {
    if (this.#next === undefined) return;
    this.#acknowledged = Math.max(this.#acknowledged, this.#unwrap(sequence));
    this.#checkHole();
  }

  /** Nothing more comes: what waits is passed on, holes and all. */
  end(): void {
    while (this.#waiting.length > 0) this.#giveUpHole();
    this.#passHole(this.#sentBefore - (this.#next ?? 0));
    this.#recent.clear();
  }

  /** So far bytes were sent: up to a FIN, which takes a number itself, or what was acknowledged. */
  get #sentBefore(): number {
    return this.#fin ?? this.#acknowledged;
  }

  #unwrap(sequence: number): number {
    const next = this.#next ?? 0;
    return next + ((sequence - next) | 0);
  }

  #pass(data: SegmentData): void {
    const { bytes } = data;
    this.#next = (this.#next ?? 0) + bytes.length;
    this.#patience = PATIENCE_SEGMENTS;
    this.#recent.append(bytes);
    this.#target.onData(data);
  }

  #passWaiting(timeMs: number | undefined): void {
    let passed = 0;
    for (const waiting of this.#waiting) {
      const next = this.#next ?? 0;
      if (waiting.start > next) break;
      passed += 1;
      this.#setWaitingBytes(this.#waitingBytes - waiting.bytes.length);
      const skip = next - waiting.start;
      this.#compare(waiting.start, waiting.bytes);
      if (skip >= waiting.bytes.length) continue;
      const bytes = waiting.bytes.subarray(skip);
      this.#pass({ bytes, byte: waiting.byte + skip, timeMs: later(waiting.timeMs, timeMs) });
    }
    if (passed > 0) this.#waiting = this.#waiting.slice(passed);
  }

  /** Keeps data that others come before, but for what is kept already. */
  #keep(data: Waiting): void {
    const end = data.start + data.bytes.length;
    let { start } = data;
    const parts: Waiting[] = [];
    for (const other of this.#waiting.filter((kept) => overlaps(kept, data.start, end))) {
      if (!sameWhereBoth(other, data)) this.#target.onDifference();
      if (other.start > start) parts.push(cut(data, start, other.start));
      start = Math.max(start, other.start + other.bytes.length);
    }
    if (start < end) parts.push(cut(data, start, end));
    for (const part of parts) {
      this.#setWaitingBytes(this.#waitingBytes + part.bytes.length);
      const at = this.#waiting.findLastIndex((kept) => kept.start < part.start) + 1;
      this.#waiting.splice(at, 0, part);
    }
  }

  /** Gives up on a hole that nothing will fill, or for which too much waits. */
  #checkHole(): void {
    const [first] = this.#waiting;
    const isFull = () =>
      this.#waitingBytes > WAITING_BYTES_MAX ||
      this.#waiting.length > WAITING_SEGMENTS_MAX ||
      this.#budget.bytes > this.#budget.bytesMax;
    while (this.#waiting.length > 0 && isFull()) this.#giveUpHole();
    const next = this.#next ?? 0;
    const until = first === undefined ? this.#sentBefore : first.start;
    if (this.#acknowledged < until || until <= next) return;
    this.#patience -= 1;
    if (this.#patience > 0) return;
    if (first === undefined) this.#passHole(until - next);
    else this.#giveUpHole();
  }

  #giveUpHole(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#passHole(first.start - (this.#next ?? 0));
    this.#passWaiting(undefined);
  }

  #passHole(length: number): void {
    if (length <= 0) return;
    this.#next = (this.#next ?? 0) + length;
    this.#patience = PATIENCE_SEGMENTS;
    this.#recent.clear();
    this.#target.onHole(length);
  }

  #setWaitingBytes(bytes: number): void {
    this.#budget.bytes += bytes - this.#waitingBytes;
    this.#waitingBytes = bytes;
  }

  /** Compares what was passed on with what is sent for the same numbers now. */
  #compare(start: number, bytes: Buffer): void {
    // One byte before the next: a probe whether the other side is there, of any content.
    if (bytes.length <= 1) return;
    const recent = this.#recent.bytes;
    const known = { start: (this.#next ?? 0) - recent.length, bytes: recent };
    if (!sameWhereBoth(known, { start, bytes })) this.#target.onDifference();
  }
}

interface Placed {
  readonly start: number;
  readonly bytes: Buffer;
}

function overlaps({ bytes, start }: Placed, from: number, to: number): boolean {
  return start < to && from < start + bytes.length;
}

function sameWhereBoth(a: Placed, b: Placed): boolean {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.start + a.bytes.length, b.start + b.bytes.length);
  if (start >= end) return true;
  const [inA, inB] = [a, b].map(({ bytes, start: at }) => bytes.subarray(start - at, end - at));
  return inA !== undefined && inB !== undefined && inA.equals(inB);
}

/** A part of data, as a copy: the chunk of the capture is not held for a few of its bytes. */
function cut({ byte, bytes, start, timeMs }: Waiting, from: number, to: number): Waiting {
  const part = Buffer.from(bytes.subarray(from - start, to - start));
  return { start: from, bytes: part, byte: byte + from - start, timeMs };
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

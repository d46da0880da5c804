import type { Buffer } from 'node:buffer';

/** Who sent bytes. `unknown`: both sides may be mixed, and each packet tells by its type. */
export type Direction = 'c2s' | 's2c' | 'unknown';

/** A conversation in a capture: one TCP connection, a file of raw bytes, a text. */
export interface StreamOpening {
  /** From 1 on, in the order in which they are met. */
  readonly stream: number;
  /** What a person calls it: `10.0.0.1:40000 to 10.0.0.2:1883`; undefined if it is the only one. */
  readonly title: string | undefined;
}

/** Bytes that one side sent, next to those of its piece before. */
export interface Piece {
  readonly stream: number;
  readonly direction: Direction;
  /** When the last of them was seen, since 1970, with a fraction; undefined if nobody knows. */
  readonly timeMs: number | undefined;
  /** The receiver's from here on: they do not change. */
  readonly bytes: Buffer;
  /**
   * Where the first of them stands in the input: its byte in a file, its line (from 1 on) in a
   * text. Bytes that were escaped, masked or fragmented there are not adjacent in it.
   */
  readonly place: { readonly byte: number } | { readonly line: number };
  /** What the text calls them. */
  readonly label: string | undefined;
}

/** What ends the packet that is unfinished on one side: nothing of it comes any more. */
export interface Break {
  readonly stream: number;
  readonly direction: Direction;
  /**
   * `missing`: so many bytes were sent that the input does not have, and framing has to find its
   * way behind them unless the unfinished packet ends within; it is no fault of the sender.
   * `skipped`: so many bytes are there and of no interest; a packet begins behind them.
   * `boundary`: nothing is missing, and a packet begins here.
   * `middle`: here, where the input begins, a packet need not begin.
   */
  readonly kind: 'missing' | 'skipped' | 'boundary' | 'middle';
  /** Number of missing or skipped bytes; 0 for the other kinds. */
  readonly length: number;
}

/** How one side of a stream ended. `stopped`: the input did, so that a cut packet is no fault. */
export type StreamEnd = 'closed' | 'stopped';

/**
 * Takes what a reader of any input form finds, in its order: each stream is opened before its
 * pieces, and its sides are ended once each, after which nothing comes of them.
 */
export interface CaptureTarget {
  onStream(opening: StreamOpening): void;
  onPiece(piece: Piece): void;
  onBreak(gap: Break): void;
  /** Both sides together, or the one of unknown direction. */
  onStreamEnd(stream: number, how: StreamEnd): void;
  /** What a person should know of how the input was read; of one stream if that is given. */
  onNote(text: string, stream?: number): void;
}

import type { Buffer } from 'node:buffer';

/** What a capture has of one packet of the network. */
export interface CapturedFrame {
  /** How it begins, by the numbers of tcpdump's LINKTYPE list. */
  readonly linkType: number;
  /** Since 1970; undefined if the capture does not say. */
  readonly timeMs: number | undefined;
  /** As much of it as was kept: only for the time of the call. */
  readonly bytes: Buffer;
  /** Where they begin in the input. */
  readonly byte: number;
}

/** Who takes the frames of a capture. */
export interface FrameTarget {
  onFrame(frame: CapturedFrame): void;
  /** What a person should know of how the capture was read. */
  onNote(text: string): void;
}

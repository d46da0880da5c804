import type { Buffer } from 'node:buffer';
import type { FrameTarget } from './captured-frame.ts';
import { RecordCutter } from './record-cutter.ts';
import { countText } from './value-text.ts';

/** No frame is longer than this: a number above it means that the file is damaged. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;
/** First bytes of the file in hex: the order of the bytes in a number, and the unit of time. */
const MAGICS: Readonly<Record<string, { isBig: boolean; ticksPerMs: number } | undefined>> = {
  d4c3b2a1: { isBig: false, ticksPerMs: 1e3 },
  a1b2c3d4: { isBig: true, ticksPerMs: 1e3 },
  '4d3cb2a1': { isBig: false, ticksPerMs: 1e6 },
  a1b23c4d: { isBig: true, ticksPerMs: 1e6 },
};

/** Whether bytes begin as a capture of this form. */
export function isPcap(bytes: Buffer): boolean {
  return MAGICS[bytes.toString('hex', 0, 4)] !== undefined;
}

/** A capture as tcpdump writes it, in pieces of any size. */
export class PcapFile {
  readonly #target: FrameTarget;
  readonly #cutter = new RecordCutter((bytes, at) => this.#readRecord(bytes, at));
  #isBig = false;
  #ticksPerMs = 1e3;
  /** Undefined until the header of the file was read. */
  #linkType: number | undefined = undefined;

  constructor(target: FrameTarget) {
    this.#target = target;
  }

  /** Takes the next bytes of the file, and keeps them. */
  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  /** Nothing more comes. */
  end(): void {
    noteCut(this.#target, this.#cutter);
  }

  #readRecord(bytes: Buffer, at: number): number | undefined {
    if (this.#linkType === undefined) return this.#readHeader(bytes, at);
    const start = at + FRAME_HEADER_BYTES;
    if (start > bytes.length) return -FRAME_HEADER_BYTES;
    const length = this.#u32(bytes, at + 8);
    const byte = this.#cutter.passedBytes + start;
    if (length > FRAME_BYTES_MAX) {
      noteDamage(this.#target, byte - FRAME_HEADER_BYTES, length);
      return undefined;
    }
    if (start + length > bytes.length) return -(FRAME_HEADER_BYTES + length);
    const timeMs = this.#u32(bytes, at) * 1e3 + this.#u32(bytes, at + 4) / this.#ticksPerMs;
    const frame = bytes.subarray(start, start + length);
    this.#target.onFrame({ linkType: this.#linkType, timeMs, bytes: frame, byte });
    return FRAME_HEADER_BYTES + length;
  }

  #readHeader(bytes: Buffer, at: number): number | undefined {
    if (at + FILE_HEADER_BYTES > bytes.length) return -FILE_HEADER_BYTES;
    const magic = MAGICS[bytes.toString('hex', at, at + 4)];
    if (magic === undefined) return undefined;
    this.#isBig = magic.isBig;
    this.#ticksPerMs = magic.ticksPerMs;
    // The upper half may tell of a checksum at the end of frames: IP knows its length itself.
    this.#linkType = this.#u32(bytes, at + 20) & 0xffff;
    return FILE_HEADER_BYTES;
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}

/** Says that a capture ends within a record, as one that was copied in part does. */
export function noteCut(target: FrameTarget, { heldBytes }: RecordCutter): void {
  if (heldBytes > 0)
    target.onNote(`the capture ends within a frame: ${countText(heldBytes)} of it`);
}

/** Says from where on a capture cannot be read. */
export function noteDamage(target: FrameTarget, byte: number, length: number): void {
  const what = `a record of ${countText(length)} at byte ${byte}`;
  target.onNote(`the capture is damaged: ${what}; what follows is left out`);
}

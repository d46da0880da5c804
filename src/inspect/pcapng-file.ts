import type { Buffer } from 'node:buffer';
import type { FrameTarget } from './captured-frame.ts';
import { FRAME_BYTES_MAX, noteCut, noteDamage } from './pcap-file.ts';
import { RecordCutter } from './record-cutter.ts';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
/** What Wireshark wrote before there was the enhanced one. */
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** Type and length before the body, the length once more behind it. */
const BLOCK_BYTES_MIN = 12;
const BODY_AT = 8;
/** A section has not more interfaces: what names a higher one is left out. */
const INTERFACES_MAX = 4096;

const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

interface Interface {
  readonly linkType: number;
  /** Of each frame at most so many bytes were kept; 0 for all. */
  readonly snapBytes: number;
  readonly ticksPerMs: number;
  readonly offsetMs: number;
}

/** Whether bytes begin as a capture of this form. */
export function isPcapng(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === SECTION;
}

/** A capture as Wireshark writes it, in pieces of any size; blocks without frames are skipped. */
export class PcapngFile {
  readonly #target: FrameTarget;
  readonly #cutter = new RecordCutter((bytes, at) => this.#readBlock(bytes, at));
  #isBig = false;
  /** Of this section. */
  #interfaces: Interface[] = [];

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

  #readBlock(bytes: Buffer, at: number): number | undefined {
    if (at + BLOCK_BYTES_MIN > bytes.length) return -BLOCK_BYTES_MIN;
    const isSection = bytes.readUInt32BE(at) === SECTION;
    // A section says in which order the bytes of its numbers are, its own length included.
    if (isSection) this.#isBig = bytes.readUInt32BE(at + BODY_AT) === 0x1a2b3c4d;
    const length = this.#u32(bytes, at + 4);
    if (length < BLOCK_BYTES_MIN || length % 4 !== 0 || length > FRAME_BYTES_MAX) {
      noteDamage(this.#target, this.#cutter.passedBytes + at, length);
      return undefined;
    }
    if (at + length > bytes.length) return -length;
    if (isSection) this.#interfaces = [];
    else this.#readBody(bytes.subarray(at, at + length - 4), this.#cutter.passedBytes + at);
    return length;
  }

  #readBody(block: Buffer, byte: number): void {
    const type = this.#u32(block, 0);
    if (type === INTERFACE && block.length >= 16) this.#readInterface(block);
    else if (type === ENHANCED_PACKET && block.length >= 28) {
      this.#readPacket(block, byte, this.#u32(block, BODY_AT));
    } else if (type === OLD_PACKET && block.length >= 28) {
      this.#readPacket(block, byte, this.#u16(block, BODY_AT));
    } else if (type === SIMPLE_PACKET && block.length >= 12) this.#readSimple(block, byte);
  }

  #readPacket(block: Buffer, byte: number, index: number): void {
    const source = this.#interfaces[index];
    if (source === undefined) return;
    const ticks = this.#u32(block, 12) * 2 ** 32 + this.#u32(block, 16);
    const timeMs = ticks / source.ticksPerMs + source.offsetMs;
    const end = Math.min(block.length, 28 + this.#u32(block, 20));
    const bytes = block.subarray(28, end);
    this.#target.onFrame({ linkType: source.linkType, timeMs, bytes, byte: byte + 28 });
  }

  #readSimple(block: Buffer, byte: number): void {
    const source = this.#interfaces[0];
    if (source === undefined) return;
    const sent = this.#u32(block, BODY_AT);
    const kept = source.snapBytes === 0 ? sent : Math.min(sent, source.snapBytes);
    const bytes = block.subarray(12, Math.min(block.length, 12 + kept));
    const { linkType } = source;
    this.#target.onFrame({ linkType, timeMs: undefined, bytes, byte: byte + 12 });
  }

  #readInterface(block: Buffer): void {
    if (this.#interfaces.length >= INTERFACES_MAX) return;
    let ticksPerMs = 1e3;
    let offsetMs = 0;
    for (let at = 16; at + 4 <= block.length; ) {
      const code = this.#u16(block, at);
      const length = this.#u16(block, at + 2);
      const value = at + 4;
      if (code === 0 || value + length > block.length) break;
      if (code === OPTION_TIME_RESOLUTION && length === 1) {
        ticksPerMs = ticksPerMsOf(block.readUInt8(value));
      } else if (code === OPTION_TIME_OFFSET && length === 8) {
        offsetMs = this.#i64(block, value) * 1e3;
      }
      at = value + Math.ceil(length / 4) * 4;
    }
    const linkType = this.#u16(block, BODY_AT);
    const snapBytes = this.#u32(block, 12);
    this.#interfaces.push({ linkType, snapBytes, ticksPerMs, offsetMs });
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }

  #i64(bytes: Buffer, at: number): number {
    return Number(this.#isBig ? bytes.readBigInt64BE(at) : bytes.readBigInt64LE(at));
  }
}

/** A power of two if the upper bit is set, else of ten. */
function ticksPerMsOf(resolution: number): number {
  const exponent = resolution & 0x7f;
  return (resolution >= 0x80 ? 2 ** exponent : 10 ** exponent) / 1e3;
}

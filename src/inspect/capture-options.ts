import type { Buffer } from 'node:buffer';
import type { PacketName } from '../codec/packet-type.ts';
import type { FrameOptions } from './capture-frames.ts';
import type { Direction } from './capture-target.ts';

/** How to take a capture. */
export interface CaptureOptions extends FrameOptions {
  /** What the capture is called, if there are more. */
  readonly title?: string | undefined;
  /** Whether it may just stop, as live input does: a packet cut at its end is no fault then. */
  readonly isLive?: boolean | undefined;
  /** The form that it has; undefined to find out. */
  readonly form?: string | undefined;
  /** Who sent all bytes that are no packets of a network; undefined to find out. */
  readonly direction?: Direction | undefined;
  /** Who writes a log: whom `>` and TX stand for. */
  readonly writer?: 'client' | 'server' | undefined;
  /** Bytes begin behind the fixed header of this packet. */
  readonly body?: PacketBody | undefined;
  /** Look for packets at every offset: a CONNECT or two in a row, or any one. */
  readonly scan?: 'runs' | 'all' | undefined;
  /** Unpacks a gzip file that a text stands for; undefined if it is damaged or too large. */
  readonly gunzip?: ((bytes: Buffer) => Buffer | undefined) | undefined;
}

/** The header that bytes lack. */
interface PacketBody {
  readonly name: PacketName;
  readonly flags: number;
}

import type { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../codec/packet.ts';
import { packetNameOf } from '../codec/packet-type.ts';
import { isClean } from './inspect-packet.ts';

/** How the version of a packet is known. */
type VersionSource = 'option' | 'connect' | 'inferred' | 'assumed';

export interface Version {
  readonly level: ProtocolLevel;
  readonly from: VersionSource;
  /** The first packet that speaks for it, if it is inferred: `#2 CONNACK`. */
  readonly evidence?: string;
}

const TITLES = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;

/** What people call the version: `3.1.1`. */
export function versionTitle(level: ProtocolLevel): string {
  return TITLES[level];
}

/**
 * Knows the version of one stream: the one given, else that of its last CONNECT, else the one that
 * more of its packets fit. A packet counts if it is clean in 5.0 or in 3.1.1 and not in the other.
 */
export class VersionTracker {
  readonly #given: ProtocolLevel | undefined;
  #connected: ProtocolLevel | undefined = undefined;
  readonly #counts = { 4: 0, 5: 0 };
  readonly #firsts: { 4: string; 5: string } = { 4: '', 5: '' };

  constructor(given: ProtocolLevel | undefined) {
    this.#given = given;
  }

  /** Whether packets have to be weighed. */
  get isOpen(): boolean {
    return this.#given === undefined && this.#connected === undefined;
  }

  /** Whether packets speak for both versions. */
  get isTorn(): boolean {
    return this.isOpen && this.#counts[4] > 0 && this.#counts[5] > 0;
  }

  get version(): Version {
    if (this.#given !== undefined) return { level: this.#given, from: 'option' };
    if (this.#connected !== undefined) return { level: this.#connected, from: 'connect' };
    const level = this.#counts[5] > this.#counts[4] ? 5 : 4;
    if (this.#counts[level] === 0) return { level, from: 'assumed' };
    return { level, from: 'inferred', evidence: this.#firsts[level] };
  }

  /** A CONNECT said so; it holds from the next packet on. */
  onConnect(level: ProtocolLevel): void {
    this.#connected = level;
  }

  /** Counts a whole packet, the stream's `number`-th. */
  weigh(frame: Buffer, number: number): void {
    const isClean4 = isClean(frame, 4);
    if (isClean4 === isClean(frame, 5)) return;
    const level = isClean4 ? 4 : 5;
    const name = packetNameOf(frame[0] ?? 0)?.toUpperCase() ?? '';
    if (this.#counts[level] === 0) this.#firsts[level] = `#${number} ${name}`;
    this.#counts[level] += 1;
  }
}

import { Buffer } from 'node:buffer';
import { PACKET_TYPES, packetNameOf } from '../codec/packet-type.ts';
import type { SenderSide } from '../codec/reason-code.ts';
import type { Break, Direction, StreamEnd } from './capture-target.ts';
import type { Finding } from './finding.ts';
import { type FrameStart, frameAt, soughtFrameAt } from './frame-finder.ts';
import { type Inspection, inspectPacket, isClean } from './inspect-packet.ts';
import { judge } from './judge.ts';
import type { PacketLinks } from './packet-links.ts';
import { type Version, type VersionTracker, versionTitle } from './version-tracker.ts';

/** Of a gap so many bytes are kept to be shown. */
const GAP_SHOWN_MAX = 256;
const COPIED_BYTES_MAX = 4096;

/** One packet of a stream, explained. */
export interface DecodedPacket {
  /** From 1 on; it goes on from one stream to the next. */
  readonly number: number;
  /** From 1 on. */
  readonly stream: number;
  readonly direction: Direction;
  /** When its last byte was seen, since 1970; undefined if nobody knows. */
  readonly timeMs: number | undefined;
  /** Of its first byte, among those of this direction. */
  readonly offset: number;
  readonly version: Version;
  readonly inspection: Inspection;
  readonly findings: readonly Finding[];
  /** The same bytes as 5.0 reads them, where nothing speaks for a version but both are possible. */
  readonly alternative: Inspection | undefined;
  /** What it has to do with other packets, once that was looked at. */
  readonly links?: PacketLinks;
}

/** Bytes that belong to no packet. */
export interface Gap {
  readonly stream: number;
  readonly direction: Direction;
  /** Of the first of them, among those of this direction. */
  readonly offset: number;
  readonly length: number;
  /** The first 256 of them; none if they are missing. */
  readonly bytes: Buffer;
  /** Whether they were sent, and the input does not have them. */
  readonly isMissing: boolean;
  /** They may be the rest of a broken CONNECT, and so hold a password. */
  readonly isSecret: boolean;
}

/** Who is told what a stream holds, in its order. */
export interface StreamTarget {
  onPacket(packet: DecodedPacket): void;
  onGap(gap: Gap): void;
  /** What a person should know about how the bytes were read. */
  onNote(text: string): void;
  /** Nothing more comes of a stream. */
  onStreamEnd(stream: number): void;
}

export interface StreamOptions {
  /** The stream's number, from 1 on. */
  readonly stream: number;
  readonly direction: Direction;
  /** What both sides of the stream say of its version. */
  readonly versions: VersionTracker;
  /** The number of the last packet, of this or another decoder that numbers in the same row. */
  readonly numbers: { last: number };
}

/** A part of the bytes at hand. */
interface Piece {
  readonly kind: 'frame' | 'gap';
  readonly start: number;
  end: number;
  /** What a frame's header announces; undefined if that is unfinished, and for a gap. */
  readonly size: number | undefined;
}

const SENDERS: Readonly<Record<Direction, SenderSide>> = {
  c2s: 'client',
  s2c: 'server',
  unknown: 'either',
};

/**
 * Cuts one side of a stream into packets and explains each. Goes on after faults: what is no packet
 * becomes a gap. Holds the unfinished packet at most, and decides on the version by all that has
 * arrived.
 */
export class StreamDecoder {
  readonly #target: StreamTarget;
  readonly #options: StreamOptions;
  readonly #versions: VersionTracker;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** No use to look again before so many bytes are held. */
  #neededBytes = 1;
  /** Stream offset of the first byte held. */
  #offset = 0;
  /** When the bytes came that are looked at. */
  #timeMs: number | undefined = undefined;
  /** Whether the last thing seen was no packet: only a clean one ends that. */
  #isLost = false;
  #gap: { readonly offset: number; length: number; bytes: Buffer } | undefined = undefined;
  #isAfterBrokenConnect = false;
  #wasTorn = false;
  #wasAssumed = false;

  constructor(target: StreamTarget, options: StreamOptions) {
    this.#target = target;
    this.#options = options;
    this.#versions = options.versions;
  }

  /** Takes bytes of any number, and tells of each packet that they complete. Keeps the chunk. */
  push(chunk: Buffer, timeMs?: number): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    this.#timeMs = timeMs;
    if (this.#heldBytes >= this.#neededBytes) this.#advance('open');
  }

  /** What is unfinished stays so; `length` bytes are missing before the next ones. */
  breakOff(kind: Break['kind'], length: number): void {
    const missing = this.#unfinishedBytes();
    this.#advance(kind === 'missing' ? 'stopped' : 'closed');
    this.#neededBytes = 1;
    if (kind === 'middle' || (kind === 'missing' && missing !== length)) this.#isLost = true;
    if (length === 0) return;
    this.#closeGap();
    if (kind === 'skipped') {
      this.#offset += length;
      return;
    }
    const { direction, stream } = this.#options;
    const gap = { bytes: Buffer.alloc(0), isMissing: true, isSecret: false, length };
    this.#target.onGap({ ...gap, direction, stream, offset: this.#offset });
    this.#offset += length;
  }

  /** Nothing more comes: tells of what is left. Call it once. */
  end(how: StreamEnd = 'closed'): void {
    this.#advance(how);
    this.#closeGap();
  }

  /** What the unfinished packet lacks, 0 if there is none; undefined if that is unknown. */
  #unfinishedBytes(): number | undefined {
    if (this.#heldBytes === 0) return this.#isLost ? undefined : 0;
    const found = this.#startAt(Buffer.concat(this.#chunks), 0, false);
    return found.kind === 'partial' && found.size !== undefined
      ? found.size - this.#heldBytes
      : undefined;
  }

  #advance(how: StreamEnd | 'open'): void {
    const bytes = Buffer.concat(this.#chunks);
    const { end, needed, pieces } = this.#cut(bytes, how !== 'open');
    this.#weigh(bytes, pieces);
    for (const piece of pieces) {
      if (piece.kind === 'gap') this.#widenGap(bytes, piece);
      else this.#read(bytes.subarray(piece.start, piece.end), piece, how === 'stopped');
    }
    const rest = bytes.subarray(end);
    // Of many streams, a few bytes each must not hold the large chunks that they came in.
    const kept = rest.length < COPIED_BYTES_MAX ? Buffer.from(rest) : rest;
    this.#chunks = kept.length > 0 ? [kept] : [];
    this.#heldBytes = bytes.length - end;
    this.#offset += end;
    this.#neededBytes = Math.max(needed, this.#heldBytes + 1);
  }

  /** Cuts as far as the bytes allow; `needed` are to be held before there is more to cut. */
  #cut(bytes: Buffer, isEnd: boolean): { pieces: Piece[]; end: number; needed: number } {
    const pieces: Piece[] = [];
    let at = 0;
    while (at < bytes.length) {
      const found = this.#startAt(bytes, at, isEnd);
      if (found.kind === 'partial' && !isEnd) return { pieces, end: at, needed: found.size ?? 0 };
      const end = Math.min(bytes.length, endOf(found, at) ?? bytes.length);
      const last = pieces.at(-1);
      if (found.kind !== 'noise') pieces.push({ kind: 'frame', start: at, end, size: found.size });
      else if (last?.kind === 'gap') last.end = end;
      else pieces.push({ kind: 'gap', start: at, end, size: undefined });
      this.#isLost = found.kind === 'noise' || found.kind === 'broken';
      at = end;
    }
    return { pieces, end: at, needed: 0 };
  }

  #startAt(bytes: Buffer, at: number, isEnd: boolean): FrameStart {
    if (!this.#isLost) return frameAt(bytes, at, isEnd);
    const level = this.#versions.isOpen ? undefined : this.#versions.version.level;
    return soughtFrameAt(bytes, at, isEnd, level);
  }

  /** Lets whole packets speak for a version, up to a CONNECT that says it. */
  #weigh(bytes: Buffer, pieces: readonly Piece[]): void {
    let number = this.#options.numbers.last;
    for (const { end, kind, size, start } of pieces) {
      if (!this.#versions.isOpen || kind === 'gap') continue;
      number += 1;
      const frame = bytes.subarray(start, end);
      if (packetNameOf(frame[0] ?? 0) === 'connect') break;
      if (frame.length === size) this.#versions.weigh(frame, number);
    }
    if (this.#versions.isTorn && !this.#wasTorn) {
      this.#wasTorn = true;
      this.#target.onNote('some packets are of 3.1.1 and some of 5.0: -V decides');
    }
  }

  #read(bytes: Buffer, { size, start }: Piece, isStopped: boolean): void {
    this.#closeGap();
    const { direction, numbers, stream } = this.#options;
    numbers.last += 1;
    const { version } = this.#versions;
    this.#noteVersion(version);
    const name = packetNameOf(bytes[0] ?? 0);
    const sentBy = name === undefined ? 'either' : PACKET_TYPES[name].sentBy;
    const sender = direction === 'unknown' ? sentBy : SENDERS[direction];
    const inspection = inspectPacket(bytes, { level: version.level, sender, size });
    const findings = judge(inspection);
    this.#target.onPacket({
      number: numbers.last,
      stream,
      direction,
      timeMs: this.#timeMs,
      offset: this.#offset + start,
      version: this.#onConnect(inspection) ?? version,
      inspection,
      findings: isStopped ? findings.map(tolerant) : findings,
      alternative: version.from === 'assumed' ? alternativeTo(inspection) : undefined,
    });
    this.#isAfterBrokenConnect = name === 'connect' && findings.length > 0;
  }

  /** A CONNECT is read by the version that it names, and so are those after it but for `-V`. */
  #onConnect({ fields, level, name }: Inspection): Version | undefined {
    const isLevelRead = fields.some(({ path, value }) => path === 'protocolLevel' && value);
    if (name !== 'connect' || !isLevelRead) return undefined;
    const { version } = this.#versions;
    this.#versions.onConnect(level);
    if (version.from !== 'option') return { level, from: 'connect' };
    if (version.level === level) return version;
    const [said, given] = [versionTitle(level), versionTitle(version.level)];
    this.#target.onNote(
      `#${this.#options.numbers.last} says MQTT ${said}: -V has the rest read as ${given}`,
    );
    return { level, from: 'connect' };
  }

  /** What was printed as a guess stays so: from here on it is known better. */
  #noteVersion({ evidence = '', from, level }: Version): void {
    if (from === 'inferred' && this.#wasAssumed) {
      const title = versionTitle(level);
      this.#target.onNote(
        `MQTT ${title} from #${this.#options.numbers.last} on, inferred from ${evidence}`,
      );
    }
    this.#wasAssumed = from === 'assumed';
  }

  #widenGap(bytes: Buffer, { end, start }: Piece): void {
    const offset = this.#offset + start;
    const gap = this.#gap ?? { offset, length: 0, bytes: Buffer.alloc(0) };
    const more = bytes.subarray(start, Math.min(end, start + GAP_SHOWN_MAX - gap.bytes.length));
    gap.bytes = Buffer.concat([gap.bytes, more]);
    gap.length += end - start;
    this.#gap = gap;
  }

  #closeGap(): void {
    if (this.#gap === undefined) return;
    const { direction, stream } = this.#options;
    const isSecret = this.#isAfterBrokenConnect;
    this.#target.onGap({ ...this.#gap, direction, stream, isMissing: false, isSecret });
    this.#gap = undefined;
  }
}

function endOf(found: FrameStart, at: number): number | undefined {
  if (found.kind === 'noise') return at + 1;
  return found.size === undefined ? undefined : at + found.size;
}

/** A capture may stop anywhere, and lack bytes. */
function tolerant(finding: Finding): Finding {
  return finding.code === 'truncated' ? { ...finding, severity: 'note' } : finding;
}

function alternativeTo({ bytes, name, sender }: Inspection): Inspection | undefined {
  if (name === 'connect' || !isClean(bytes, 5)) return undefined;
  return inspectPacket(bytes, { level: 5, sender, size: bytes.length });
}

import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../codec/packet.ts';
import { PACKET_TYPES, packetNameOf } from '../codec/packet-type.ts';
import { type Finding, findingsOf } from './finding.ts';
import { type FrameStart, frameAt, soughtFrameAt } from './frame-finder.ts';
import { type Inspection, inspectPacket, isClean } from './inspect-packet.ts';
import { type Version, VersionTracker, versionTitle } from './version-tracker.ts';

/** Of a gap so many bytes are kept to be shown. */
const GAP_SHOWN_MAX = 256;

/** One packet of a stream, explained. */
export interface DecodedPacket {
  /** From 1 on; it goes on from one stream to the next. */
  readonly number: number;
  /** From 1 on. */
  readonly stream: number;
  /** Of its first byte, in the stream. */
  readonly offset: number;
  readonly version: Version;
  readonly inspection: Inspection;
  readonly findings: readonly Finding[];
  /** The same bytes as 5.0 reads them, where nothing speaks for a version but both are possible. */
  readonly alternative: Inspection | undefined;
}

/** Bytes that belong to no packet. */
export interface Gap {
  readonly stream: number;
  /** Of the first of them, in the stream. */
  readonly offset: number;
  readonly length: number;
  /** The first 256 of them. */
  readonly bytes: Buffer;
  /** They may be the rest of a broken CONNECT, and so hold a password. */
  readonly isSecret: boolean;
}

/** Who is told what a stream holds, in its order. */
export interface StreamTarget {
  onPacket(packet: DecodedPacket): void;
  onGap(gap: Gap): void;
  /** What a person should know about how the bytes were read. */
  onNote(text: string): void;
}

export interface StreamOptions {
  /** The stream's number, from 1 on, and how many packets the streams before it had. */
  readonly stream?: number;
  readonly packetsBefore?: number;
  /** Forced; undefined to learn it from the stream. */
  readonly level?: ProtocolLevel | undefined;
  /** Input that just stops, as live input does: a packet cut at its end is no fault. */
  readonly isLive?: boolean | undefined;
}

/** A part of the bytes at hand. */
interface Piece {
  readonly kind: 'frame' | 'gap';
  readonly start: number;
  end: number;
  /** What a frame's header announces; undefined if that is unfinished, and for a gap. */
  readonly size: number | undefined;
}

/**
 * Cuts a stream into packets and explains each. Goes on after faults: what is no packet becomes a
 * gap. Holds the unfinished packet at most, and decides on the version by all that has arrived.
 */
export class StreamDecoder {
  readonly #target: StreamTarget;
  readonly #stream: number;
  readonly #isLive: boolean;
  readonly #versions: VersionTracker;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** No use to look again before so many bytes are held. */
  #neededBytes = 1;
  /** Stream offset of the first byte held. */
  #offset = 0;
  /** Number of the last packet. */
  #packets: number;
  /** Whether the last thing seen was no packet: only a clean one ends that. */
  #isLost = false;
  #gap: { readonly offset: number; length: number; bytes: Buffer } | undefined = undefined;
  #isAfterBrokenConnect = false;
  #wasTorn = false;
  #wasAssumed = false;

  constructor(target: StreamTarget, options: StreamOptions = {}) {
    this.#target = target;
    this.#stream = options.stream ?? 1;
    this.#packets = options.packetsBefore ?? 0;
    this.#isLive = options.isLive ?? false;
    this.#versions = new VersionTracker(options.level);
  }

  /** Takes bytes of any number, and tells of each packet that they complete. Keeps the chunk. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#neededBytes) this.#advance(false);
  }

  /** Nothing more comes: tells of what is left. Call it once. */
  end(): void {
    this.#advance(true);
    this.#closeGap();
  }

  #advance(isEnd: boolean): void {
    const bytes = Buffer.concat(this.#chunks);
    const { end, needed, pieces } = this.#cut(bytes, isEnd);
    this.#weigh(bytes, pieces);
    for (const piece of pieces) {
      if (piece.kind === 'gap') this.#widenGap(bytes, piece);
      else this.#read(bytes.subarray(piece.start, piece.end), piece);
    }
    this.#chunks = end < bytes.length ? [bytes.subarray(end)] : [];
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
    let number = this.#packets;
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

  #read(bytes: Buffer, { size, start }: Piece): void {
    this.#closeGap();
    this.#packets += 1;
    const { version } = this.#versions;
    this.#noteVersion(version);
    const name = packetNameOf(bytes[0] ?? 0);
    const sender = name === undefined ? 'either' : PACKET_TYPES[name].sentBy;
    const inspection = inspectPacket(bytes, { level: version.level, sender, size });
    const findings = findingsOf(inspection);
    this.#target.onPacket({
      number: this.#packets,
      stream: this.#stream,
      offset: this.#offset + start,
      version: this.#onConnect(inspection) ?? version,
      inspection,
      findings: this.#isLive ? findings.map(tolerant) : findings,
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
    this.#target.onNote(`#${this.#packets} says MQTT ${said}: -V has the rest read as ${given}`);
    return { level, from: 'connect' };
  }

  /** What was printed as a guess stays so: from here on it is known better. */
  #noteVersion({ evidence = '', from, level }: Version): void {
    if (from === 'inferred' && this.#wasAssumed) {
      const title = versionTitle(level);
      this.#target.onNote(`MQTT ${title} from #${this.#packets} on, inferred from ${evidence}`);
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
    const isSecret = this.#isAfterBrokenConnect;
    this.#target.onGap({ ...this.#gap, stream: this.#stream, isSecret });
    this.#gap = undefined;
  }
}

function endOf(found: FrameStart, at: number): number | undefined {
  if (found.kind === 'noise') return at + 1;
  return found.size === undefined ? undefined : at + found.size;
}

/** Live input may stop anywhere. */
function tolerant(finding: Finding): Finding {
  return finding.code === 'truncated' ? { ...finding, severity: 'note' } : finding;
}

function alternativeTo({ bytes, name, sender }: Inspection): Inspection | undefined {
  if (name === 'connect' || !isClean(bytes, 5)) return undefined;
  return inspectPacket(bytes, { level: 5, sender, size: bytes.length });
}

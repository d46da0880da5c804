import type { Buffer } from 'node:buffer';
import { Connection, type Shared } from './connection.ts';
import { ConversationReport } from './conversation-report.ts';
import type { Inspection } from './inspect-packet.ts';
import { findingOfRemark } from './remark.ts';
import type { Outcome, SeenPacket } from './seen-packet.ts';
import { SessionBook } from './session-book.ts';
import { StateBudget } from './state-budget.ts';
import type { DecodedPacket, Gap, StreamTarget } from './stream-decoder.ts';

/** What may be held of all that was seen. */
const STATE_BYTES_MAX = 64 * 1024 * 1024;
/** So many connections are followed at a time; the oldest is let go for another. */
const CONNECTIONS_MAX = 10_000;
/** Two packets that agree in so many bytes and in length are taken for the same. */
const DIGEST_BYTES_MAX = 4096;

export interface TrackerOptions {
  /** A second CONNECT in a stream is a fault, and not the next connection. */
  readonly isOneConnection?: boolean;
}

/**
 * Follows what packets have to do with one another, and tells the next target of each packet with
 * what it answers and which rules it breaks by what was before it. Memory is bounded.
 */
export class StreamTracker implements StreamTarget {
  readonly report = new ConversationReport();
  readonly #next: StreamTarget;
  readonly #isOneConnection: boolean;
  readonly #budget = new StateBudget(STATE_BYTES_MAX);
  readonly #shared: Shared;
  readonly #byStream = new Map<number, Connection>();
  readonly #byClient = new Map<string, Connection>();
  #wasSpent = false;

  constructor(next: StreamTarget, { isOneConnection = false }: TrackerOptions = {}) {
    this.#next = next;
    this.#isOneConnection = isOneConnection;
    this.#shared = {
      budget: this.#budget,
      sessions: new SessionBook(this.#budget),
      latencyOf: (title) => this.report.latencyOf(title),
    };
  }

  onPacket(packet: DecodedPacket): void {
    const { inspection, stream } = packet;
    const seen = seenPacket(packet);
    const out: Outcome = { remarks: [], links: {} };
    const connection = this.#connectionOf(stream, seen, out);
    this.#takeOver(seen);
    connection.onPacket(seen, out);
    if (connection.clientId !== undefined) this.#byClient.set(connection.clientId, connection);
    this.#noteSpent();
    const more = out.remarks.map((remark) => findingOfRemark(remark, inspection));
    const findings = [...packet.findings, ...more].sort((a, b) => a.span.start - b.span.start);
    this.#next.onPacket({ ...packet, findings, links: out.links });
  }

  onGap(gap: Gap): void {
    this.#next.onGap(gap);
  }

  onNote(text: string): void {
    this.#next.onNote(text);
  }

  /** Nothing more comes of a stream. */
  onStreamEnd(stream: number): void {
    const connection = this.#byStream.get(stream);
    if (connection !== undefined) this.#end(connection);
    this.#next.onStreamEnd(stream);
  }

  /** Nothing more comes at all: the report is complete then. */
  end(): void {
    for (const connection of [...this.#byStream.values()]) this.#end(connection);
  }

  #connectionOf(stream: number, { name, sender }: SeenPacket, out: Outcome): Connection {
    const open = this.#byStream.get(stream);
    const isNext = name === 'connect' && !this.#isOneConnection;
    if (open !== undefined && !isNext) return open;
    if (open !== undefined) this.#end(open);
    const [oldest] = this.#byStream.values();
    if (this.#byStream.size >= CONNECTIONS_MAX && oldest !== undefined) this.#end(oldest);
    const connection = new Connection(stream, this.#shared);
    this.#byStream.set(stream, connection);
    if (this.#isOneConnection && sender === 'client' && name !== 'connect') {
      out.remarks.push({ rule: 'connectFirst', what: `${name?.toUpperCase()} before CONNECT` });
    }
    return connection;
  }

  /** Of two connections with one client id, the later one has the session (section 3.1.4). */
  #takeOver({ packet }: SeenPacket): void {
    if (packet?.type !== 'connect' || packet.clientId === '') return;
    const other = this.#byClient.get(packet.clientId);
    if (other === undefined) return;
    this.report.onRelease(other);
    other.releaseSession();
  }

  #end(connection: Connection): void {
    this.#byStream.delete(connection.stream);
    const { clientId } = connection;
    if (clientId !== undefined && this.#byClient.get(clientId) === connection) {
      this.#byClient.delete(clientId);
    }
    this.report.onConnectionEnd(connection);
    connection.end();
    for (const silence of connection.silences) this.report.silences.add(silence);
  }

  #noteSpent(): void {
    if (this.#wasSpent || !this.#budget.hasOverflowed) return;
    this.#wasSpent = true;
    this.#next.onNote('more is open than can be followed: some acks and aliases stay unexplained');
  }
}

function seenPacket({ inspection, number, timeMs, version }: DecodedPacket): SeenPacket {
  const { bytes, missingBytes, name, packet, sender } = inspection;
  return {
    number,
    timeMs,
    sender,
    level: version.level,
    name,
    packet: missingBytes > 0 ? undefined : packet,
    size: bytes.length + missingBytes,
    digest: hasId(inspection) ? digestOf(bytes) : 0,
  };
}

function hasId({ packet }: Inspection): boolean {
  return packet?.type === 'publish' && packet.packetId !== undefined;
}

/** FNV-1a of a PUBLISH without DUP. */
function digestOf(bytes: Buffer): number {
  let hash = 0x811c9dc5 ^ bytes.length;
  for (let i = 0; i < Math.min(bytes.length, DIGEST_BYTES_MAX); i += 1) {
    const byte = i === 0 ? (bytes[0] ?? 0) & 0xf7 : (bytes[i] ?? 0);
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

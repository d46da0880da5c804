import type { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../codec/packet.ts';
import type { Refusal } from '../codec/packet-reader.ts';
import { type PacketName, packetNameOf } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readPacket } from '../codec/read-packet.ts';
import type { RuleName } from '../codec/rules.ts';
import { ClientPacketReader } from './client-packet-reader.ts';
import { LimitError } from './limit-error.ts';

/** So many bytes are shown before the one at fault, and as many from it on. */
const SHOWN_EACH_SIDE = 16;
/** What nobody is to read in a log. */
const SECRETS = new Set(['password', 'willPayload', 'payload', 'authenticationData', 'undecoded']);
/** Fields that are where they are, whatever comes behind them, in packets with secrets. */
const FIXED = new Set([
  'header',
  'remainingLength',
  'protocolLevel',
  'connectFlags',
  'keepAlive',
  'reasonCode',
  'topicName',
  'packetId',
]);
/** Packets with secrets: credentials and payloads. */
const SECRETIVE = new Set<PacketName | undefined>(['connect', 'auth', 'publish']);
/** Nobody needs to know more of a packet with so many faults. */
const REFUSALS_MAX = 100;
/**
 * Rules that leave open what the bytes are: a property that is none may be another's secret, a
 * text that is none may have swallowed one.
 */
const LAYOUT_RULES = new Set<RuleName>([
  'nul',
  'protocol-name',
  'protocol-level',
  'property-misplaced',
  'property-twice',
  'property-unknown',
  'utf8',
]);

/** The bytes around a fault, for the log. */
export interface FaultBytes {
  /** The packet's type, as far as its first byte has one. */
  readonly packet?: string | undefined;
  /** Hex without blanks; `**` for a byte that is secret. */
  readonly bytes?: string;
  /** Which byte of the packet comes first. */
  readonly bytes_from?: number;
}

/** What may be shown of a packet, or of its header alone, around the byte at `offset`. */
export function faultBytes(
  packet: Buffer,
  offset: number | undefined,
  level: ProtocolLevel,
): FaultBytes {
  const name = packetNameOf(packet[0] ?? 0)?.toUpperCase();
  if (offset === undefined) return { packet: name };
  const from = Math.max(0, offset - SHOWN_EACH_SIDE);
  const end = Math.min(packet.length, offset + SHOWN_EACH_SIDE);
  const finder = new SecretFinder();
  finder.search(packet, level);
  const bytes = Array.from(packet.subarray(from, end), (byte, index) =>
    finder.isSecret(from + index) ? '**' : byte.toString(16).padStart(2, '0'),
  );
  return { packet: name, bytes: bytes.join(''), bytes_from: from };
}

/**
 * Reads a packet once more, to the end if it can, for the places of what is secret. Where a read
 * fails, all that was not read before is taken for it. A length before may be the one that is
 * wrong, so that packets with secrets show no more then than their fixed beginning.
 */
class SecretFinder extends ClientPacketReader {
  readonly #secrets: [start: number, end: number][] = [];
  /** Behind the last field that was read whole. */
  #readEnd = 0;
  /** Behind the last field that is where it is whatever the others say. */
  #fixedEnd = 0;
  #isLayoutKnown = true;
  #refusals = 0;

  constructor() {
    super({ textRule: 'spec' });
  }

  isSecret(at: number): boolean {
    return this.#secrets.some(([start, end]) => at >= start && at < end);
  }

  search(packet: Buffer, level: ProtocolLevel): void {
    this.level = level;
    this.reset(packet, 0, packet.length);
    try {
      readPacket(this);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error;
      this.#isLayoutKnown = false;
    }
    if (this.#isLayoutKnown) return;
    const start = SECRETIVE.has(this.packetName) ? this.#fixedEnd : this.#readEnd;
    this.#secrets.push([start, packet.length]);
  }

  /** Goes on, so that what follows is told apart. */
  override refuse(rule: RuleName, what: string, refusal?: Refusal): void {
    this.#refusals += 1;
    if (this.#refusals > REFUSALS_MAX) super.refuse(rule, what, refusal);
    if (LAYOUT_RULES.has(rule)) this.#isLayoutKnown = false;
  }

  override skip(field: string, length: number): void {
    super.skip(field, length);
    this.#isLayoutKnown = false;
  }

  protected override claim(length: number, field: string): number {
    const start = super.claim(length, field);
    this.#readEnd = this.position;
    if (SECRETS.has(field)) this.#secrets.push([start, this.position]);
    if (this.#isLayoutKnown && FIXED.has(field)) this.#fixedEnd = this.position;
    return start;
  }
}

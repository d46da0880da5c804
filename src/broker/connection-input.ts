import { Buffer } from 'node:buffer';
import { FrameSplitter, type FrameTarget } from '../codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { packetNameOf } from '../codec/packet-type.ts';
import { readPacket } from '../codec/read-packet.ts';
import { type ServerState, secondConnect } from '../session/connection-state.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { Account, BufferPool } from './buffer-pool.ts';
import { ClientPacketReader } from './client-packet-reader.ts';
import { type FaultBytes, faultBytes } from './fault-bytes.ts';
import { LimitError } from './limit-error.ts';
import { checkFirstHeader, checkHeader } from './packet-limits.ts';
import type { Slab } from './slab.ts';

/** Whose input it is. */
export interface InputOwner {
  readonly state: ServerState;
  /** @param packetBytes what the packet took, fixed header included. */
  onPacket(packet: Packet, packetBytes: number): void;
  /** The hot path, as `FrameTarget` has it. */
  takeFrames(bytes: Buffer, start: number, end: number): number;
}

/** How CONNECT goes on behind its fixed header where it is one of 5.0. */
const CONNECT_5 = Buffer.from('\0\x04MQTT\x05', 'latin1');

/** What the inputs of all clients have in common. */
export interface SharedInput {
  /** One is read at a time. */
  readonly reader: ClientPacketReader;
  /** Where large packets lie until they have come whole. */
  readonly pool: BufferPool;
  /** Who counts the bytes of the others. */
  readonly account: Account;
}

/** What the inputs of a broker's clients have in common. */
export function sharedInput(config: BrokerConfig, pool: BufferPool, account: Account): SharedInput {
  return { reader: new ClientPacketReader(config), pool, account };
}

/** Packets of less are not worth a buffer of the pool. */
const LENT_BYTES_MIN = 16_384;
/** How many bytes of a lent buffer there are at most for each that has come. */
const LENT_BYTES_RATIO = 4;

/** What one client sends: bytes in, packets to the owner, in order, as soon as they may be read. */
export class ConnectionInput implements FrameTarget {
  /** The version spoken; 4 until CONNECT says so: its answer to bytes of no meaning is none. */
  level: ProtocolLevel = 4;
  readonly #config: BrokerConfig;
  readonly #owner: InputOwner;
  readonly #splitter = new FrameSplitter(this);
  /** Packets that came behind CONNECT while it is judged; undefined at all other times. */
  #waiting: Buffer[] | undefined = undefined;
  #waitingBytes = 0;
  readonly #shared: SharedInput;
  /** Where the unfinished packet lies, or the one being taken, if it came in several chunks. */
  #slab: Slab | undefined = undefined;
  /** What of that the account knows. */
  #countedBytes = 0;
  #isStopped = false;
  /** The packet that is being dealt with: what is wrong then is wrong with it. */
  #current: Buffer | undefined = undefined;

  constructor(config: BrokerConfig, owner: InputOwner, shared: SharedInput) {
    this.#shared = shared;
    this.#config = config;
    this.#owner = owner;
  }

  /** Holds what `takeFrames` is given, where that may be sent on from there without a copy. */
  get slab(): Slab | undefined {
    return this.#slab;
  }

  /** Bytes of a packet that has not come whole. */
  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  /** What is shown of the packet at fault, when one has just been refused; nothing otherwise. */
  faultBytes(offset: number | undefined): FaultBytes {
    const packet = this.#current ?? this.#splitter.refusedHeader;
    return packet === undefined ? {} : faultBytes(packet, offset, this.level);
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * Takes a chunk of any size.
   *
   * @throws ProtocolError or LimitError for what the client may not send: stop and close.
   */
  push(chunk: Buffer): void {
    const isFirst = this.#owner.state.kind === 'awaitingConnect' && this.heldBytes === 0;
    if (isFirst) this.level = levelOfConnect(chunk);
    this.#splitter.push(chunk);
    this.#count();
  }

  /** Ignores all that comes, and what has waited. */
  stop(): void {
    this.#isStopped = true;
    this.#splitter.stop();
    this.#waiting = undefined;
    this.#current = undefined;
    this.#count();
  }

  /** What comes from now on waits, until `goOn`. */
  wait(): void {
    this.#waiting = [];
  }

  /** Reads what has waited, in order [MQTT-3.1.4-6]. Throws as `push` does. */
  goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const frame of waiting) this.onFrame(frame);
    this.#count();
  }

  onHeader(firstByte: number, packetBytes: number): void {
    const check = this.#owner.state.kind === 'awaitingConnect' ? checkFirstHeader : checkHeader;
    check(firstByte, packetBytes, this.level, this.#config);
  }

  takeFrames(bytes: Buffer, start: number, end: number): number {
    return this.#owner.takeFrames(bytes, start, end);
  }

  lend(packetBytes: number, heldBytes: number): Buffer | undefined {
    if (heldBytes < LENT_BYTES_MIN) return undefined;
    const { pool } = this.#shared;
    if (pool.sizeFor(packetBytes) > heldBytes * LENT_BYTES_RATIO) return undefined;
    this.#slab = pool.take(packetBytes);
    return this.#slab.bytes;
  }

  giveBack(isTaken: boolean): void {
    const slab = this.#slab;
    this.#slab = undefined;
    if (slab === undefined) return;
    // The hot path copies all that it keeps; whoever had a packet made of it may hold parts of it.
    if (isTaken) this.#shared.pool.release(slab);
    else this.#shared.pool.abandon(slab);
  }

  onFrame(frame: Buffer): void {
    if (this.#isStopped) return;
    if (this.#waiting !== undefined) {
      this.#waitingBytes += frame.length;
      this.#requireRoomToWait();
      this.#waiting.push(Buffer.from(frame));
      return;
    }
    this.#current = frame;
    this.#owner.onPacket(this.#read(frame), frame.length);
    this.#current = undefined;
  }

  /** @throws LimitError for more than is held for a client before it is accepted. */
  #requireRoomToWait(): void {
    const { connectBytesMax: max } = this.#config;
    if (this.#waitingBytes <= max) return;
    const message = `more than ${max} bytes came behind CONNECT before it was answered`;
    throw new LimitError('packetTooLarge', message, '--max-connect-size');
  }

  #count(): void {
    const waitingBytes = this.#waiting === undefined ? 0 : this.#waitingBytes;
    const bytes = this.#splitter.reservedBytes + waitingBytes;
    if (bytes === this.#countedBytes) return;
    this.#shared.account.add(bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }

  #read(frame: Buffer): Packet {
    const isFirst = this.#owner.state.kind === 'awaitingConnect';
    // What is wrong with it might be nothing that can be said once the client is connected.
    if (!isFirst && packetNameOf(frame[0] ?? 0) === 'connect') throw secondConnect(this.level);
    const { reader } = this.#shared;
    reader.level = this.level;
    reader.reset(frame, 0, frame.length);
    try {
      return readPacket(reader);
    } finally {
      // Whatever is wrong with a CONNECT is answered in the form of its version.
      if (isFirst) this.level = reader.level;
    }
  }
}

/** The version of a CONNECT that may be refused by its header alone; 4 where it is not seen yet. */
function levelOfConnect(chunk: Buffer): ProtocolLevel {
  let at = 1;
  while (at < 5 && (chunk[at] ?? 0) >= 0x80) at += 1;
  const start = chunk.subarray(at + 1, at + 1 + CONNECT_5.length);
  return start.equals(CONNECT_5) ? 5 : 4;
}

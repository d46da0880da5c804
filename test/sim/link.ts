import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../../src/base/byte-channel.ts';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import type { Garbage } from './journal.ts';

/** Who sees all that passes the broker's end of a link. */
export interface LinkObserver {
  /** The broker is about to be given the last byte of a packet. */
  onArriving(packet: Packet | Garbage): void;
  /** The broker has written a packet of so many bytes. */
  onWritten(packet: Packet, length: number): void;
  /** The broker closes the link: once all is sent, or at once. */
  onEnded(how: 'end' | 'destroy'): void;
  /** The broker reads again. */
  onResumed(): void;
  /** The broker is about to be told that the link is closed. */
  onClosing(): void;
  /** What no broker may do to a link, or write to it. */
  onFault(what: string): void;
}

/** The client's end. */
export interface LinkClient {
  onPacket(packet: Packet): void;
  /** The link is gone, for this side. */
  onGone(): void;
}

/** A write of the broker that has not left its process: its bytes are still the broker's. */
interface Lent {
  readonly bytes: Buffer;
  readonly copy: Buffer;
  readonly end: number;
}

interface Written {
  readonly packet: Packet;
  readonly end: number;
}

/**
 * A connection in memory with a network's habits: bytes arrive in pieces of any size, a bounded
 * number of them is under way towards the client, it may be cut at any byte, fall silent, or have a
 * reader that does not read.
 */
export class Link implements ByteChannel {
  readonly hasPeerEnded = false;
  readonly peer: string;
  level: ProtocolLevel = 4;
  isPaused = false;
  /** Nothing passes any more, and nobody is told. */
  isSilent = false;
  /** The client does not read. */
  isFrozen = false;
  /** `ending`: the broker has closed it, and the client has yet to read what was sent. */
  stage: 'open' | 'ending' | 'closed' = 'open';
  /** When the last byte left the broker's process, or the first one could not. */
  takenAtMs = 0;
  /** Whether the broker knows that it is closed. */
  isOver = false;
  /** Whether the broker has closed it. */
  #isEnded = false;
  readonly #observer: LinkObserver;
  readonly #client: LinkClient;
  readonly #nowMs: () => number;
  readonly #underWayMax: number;
  #events: ChannelEvents | undefined = undefined;
  readonly #up: { readonly packet: Packet | Garbage; readonly bytes: Buffer }[] = [];
  /** How much of the first of them has arrived. */
  #upStart = 0;
  readonly #down: Written[] = [];
  #lent: Lent[] = [];
  #writtenBytes = 0;
  #framedBytes = 0;
  #leftBytes = 0;
  #readBytes = 0;
  readonly #splitter: FrameSplitter;
  readonly #reader = new PacketReader();

  constructor(
    peer: string,
    ends: { readonly observer: LinkObserver; readonly client: LinkClient },
    nowMs: () => number,
    underWayMax: number,
  ) {
    this.peer = peer;
    this.#observer = ends.observer;
    this.#client = ends.client;
    this.#nowMs = nowMs;
    this.#underWayMax = underWayMax;
    this.#reader.sender = 'server';
    this.#splitter = new FrameSplitter({
      onHeader() {},
      onFrame: (frame) => this.#onFrame(Buffer.from(frame)),
    });
  }

  get unsentBytes(): number {
    return this.#writtenBytes - this.#leftBytes;
  }

  /** Bytes that the client could read now. */
  get readableBytes(): number {
    const isRead = this.stage !== 'closed' && !this.isFrozen && !this.isSilent;
    return isRead ? this.#leftBytes - this.#readBytes : 0;
  }

  /** Bytes that the broker could read now. */
  get arrivingBytes(): number {
    if (this.isPaused || this.isSilent || this.stage !== 'open') return 0;
    return this.#up.reduce((sum, { bytes }) => sum + bytes.length, -this.#upStart);
  }

  listen(events: ChannelEvents): void {
    this.#events = events;
  }

  write(bytes: Buffer): boolean {
    this.#writtenBytes += bytes.length;
    const hasLeft = this.#lent.length === 0;
    if (hasLeft) this.takenAtMs = this.#nowMs();
    this.#lent.push({ bytes, copy: Buffer.from(bytes), end: this.#writtenBytes });
    this.#split(bytes);
    this.#leave();
    return this.#lent.length === 0;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.#observer.onResumed();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#observer.onEnded('end');
    if (this.stage === 'open') this.stage = 'ending';
    this.#endIfRead();
  }

  destroy(): void {
    if (!this.#isEnded) this.#observer.onEnded('destroy');
    this.#isEnded = true;
    this.cut();
  }

  /** The client sends. What it sends on a silent link is lost. */
  send(packet: Packet | Garbage, bytes: Buffer): void {
    if (this.stage === 'open' && !this.isSilent) this.#up.push({ packet, bytes });
  }

  /** The network fails: all that is under way is lost. The broker hears of it by `tellClosed`. */
  cut(): void {
    if (this.stage !== 'closed') this.#close();
  }

  /** The broker is gone, and hears of nothing any more. */
  abandon(): void {
    this.isOver = true;
    this.cut();
  }

  /** Gives the broker bytes, at most so many. */
  moveUp(max: number): void {
    const length = Math.min(max, this.arrivingBytes);
    if (length === 0) return;
    const chunk = Buffer.allocUnsafe(length);
    let at = 0;
    for (let first = this.#up[0]; at < length && first !== undefined; first = this.#up[0]) {
      const copied = first.bytes.copy(chunk, at, this.#upStart);
      at += copied;
      this.#upStart += copied;
      if (this.#upStart < first.bytes.length) break;
      this.#up.shift();
      this.#upStart = 0;
      this.#observer.onArriving(first.packet);
    }
    this.#events?.onBytes(chunk);
    chunk.fill(0xff); // It is a view that is good until `onBytes` returns.
  }

  /** Gives the client bytes, at most so many. */
  moveDown(max: number): void {
    this.#readBytes += Math.min(max, this.readableBytes);
    for (let first = this.#down[0]; first !== undefined; first = this.#down[0]) {
      if (first.end > this.#readBytes) break;
      this.#down.shift();
      this.#client.onPacket(first.packet);
    }
    if (this.#leave() && this.stage === 'open') this.#events?.onDrained();
    this.#endIfRead();
  }

  /** Tells the broker that the link is closed. */
  tellClosed(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#observer.onClosing();
    this.#events?.onClosed(undefined);
  }

  #onFrame(frame: Buffer): void {
    this.#reader.level = this.level;
    this.#reader.reset(frame, 0, frame.length);
    const packet = readPacket(this.#reader);
    this.#framedBytes += frame.length;
    this.#down.push({ packet, end: this.#framedBytes });
    this.#observer.onWritten(packet, frame.length);
  }

  #split(bytes: Buffer): void {
    try {
      this.#splitter.push(bytes);
    } catch (error) {
      this.#observer.onFault(`wrote what no broker may: ${String(error)}`);
    }
  }

  /** Lets bytes leave the broker's process, as many as fit under way. True if the last one did. */
  #leave(): boolean {
    const before = this.#leftBytes;
    this.#leftBytes = Math.min(this.#writtenBytes, this.#readBytes + this.#underWayMax);
    if (this.#leftBytes === before) return false;
    this.takenAtMs = this.#nowMs();
    const isLeft = ({ end }: Lent): boolean => end <= this.#leftBytes;
    const changed = this.#lent.filter(isLeft).some(({ bytes, copy }) => !bytes.equals(copy));
    if (changed) this.#observer.onFault('changed bytes that it had written and not got back');
    this.#lent = this.#lent.filter((lent) => !isLeft(lent));
    return this.#lent.length === 0;
  }

  #endIfRead(): void {
    if (this.stage === 'ending' && this.#readBytes === this.#writtenBytes) this.#close();
  }

  #close(): void {
    this.stage = 'closed';
    this.#up.length = 0;
    this.#down.length = 0;
    if (!this.isSilent) this.#client.onGone();
  }
}

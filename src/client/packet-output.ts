import { Buffer } from 'node:buffer';
import type { ByteChannel } from '../base/byte-channel.ts';
import { CallerError } from '../base/caller-error.ts';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { PACKET_BYTES_MAX, PacketWriter } from '../codec/packet-writer.ts';
import { writePacket } from '../codec/write-packet.ts';
import { reasonText } from './client-errors.ts';

/** A larger payload goes to the channel as it was written, without a copy into the turn's bytes. */
const COPIED_BYTES_MAX = 16_384;
const TURN_BYTES = 4096;
/** More is not collected: a turn may be as long as input comes in faster than it is used up. */
const TURN_BYTES_MAX = 65_536;
const PACKET_TOO_LARGE = 0x95;

/** What sending asks of the one who sends. */
export interface OutputHost {
  /** Calls back once, when all else that the present turn of events brings is done. */
  atTurnEnd(callback: () => void): void;
  /** A packet is on its way. */
  onSent(packet: Packet): void;
}

/**
 * What one connection sends: packets become bytes, and the bytes of one turn leave in one write.
 */
export class PacketOutput {
  /** What the server takes at most, in bytes with the header [MQTT-3.2.2-15]. */
  packetBytesMax = PACKET_BYTES_MAX;
  readonly #channel: ByteChannel;
  readonly #level: ProtocolLevel;
  readonly #host: OutputHost;
  readonly #writer = new PacketWriter();
  #bytes: Buffer = Buffer.allocUnsafe(TURN_BYTES);
  #length = 0;
  #isFlushPlanned = false;
  #isStopped = false;
  #isClosed = false;
  /** Whether the channel still holds bytes that it was given. */
  #isBackedUp = false;
  /** Who wants to know when the bytes before them have left: not yet written, and written. */
  #waiting: (() => void)[] = [];
  #leaving: (() => void)[] = [];

  constructor(channel: ByteChannel, level: ProtocolLevel, host: OutputHost) {
    this.#channel = channel;
    this.#level = level;
    this.#host = host;
  }

  /** Whether the peer reads more slowly than this side writes: who can wait, should. */
  get isBackedUp(): boolean {
    return this.#isBackedUp;
  }

  /**
   * Sends a packet with the others of this turn.
   *
   * @throws CallerError refused if it is larger than the server allows, and UnsendableError if the
   *   standard forbids it; nothing is sent then.
   */
  send(packet: Packet): void {
    if (this.#isStopped) return;
    const isLarge = packet.type === 'publish' && packet.payload.length > COPIED_BYTES_MAX;
    const writer = isLarge ? new PacketWriter() : this.#writer;
    const bytes = writePacket(writer, packet, this.#level);
    if (bytes.length > this.packetBytesMax) throw this.#tooLarge(packet, bytes.length);
    if (isLarge) {
      // Without a word to those who wait: what they would send comes behind this packet.
      this.#writeTurn();
      this.#write(bytes);
    } else this.#append(bytes);
    if (this.#length >= TURN_BYTES_MAX) this.flush();
    else this.#planFlush();
    this.#host.onSent(packet);
  }

  /** Calls once all that was sent so far has left this process. */
  whenWritten(callback: () => void): void {
    this.#waiting.push(callback);
    this.#planFlush();
  }

  /** Writes what this turn has collected. */
  flush(): void {
    this.#writeTurn();
    this.#leaving = this.#leaving.concat(this.#waiting.splice(0));
    if (!this.#isBackedUp) this.#left();
  }

  /** Writes what there is, and drops what is sent from now on: nothing follows a DISCONNECT. */
  stop(): void {
    this.flush();
    this.#isStopped = true;
  }

  /** The channel is closed: what is unsent, and who waits for it, is forgotten. */
  close(): void {
    this.#isStopped = true;
    this.#isClosed = true;
    this.#length = 0;
    this.#waiting = [];
    this.#leaving = [];
  }

  /** The channel has nothing left of what it was given. */
  onDrained(): void {
    this.#isBackedUp = false;
    this.#left();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    this.#host.atTurnEnd(() => {
      this.#isFlushPlanned = false;
      this.flush();
    });
  }

  #append(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  #writeTurn(): void {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (bytes.length > 0) this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    if (this.#isClosed) return;
    const hasLeft = this.#channel.write(bytes);
    if (!hasLeft) this.#isBackedUp = true;
    // What the channel keeps is no longer ours; what a busy turn took is given back.
    if (!hasLeft || this.#bytes.length > TURN_BYTES) this.#bytes = Buffer.allocUnsafe(TURN_BYTES);
  }

  #left(): void {
    for (const callback of this.#leaving.splice(0)) callback();
  }

  #tooLarge(packet: Packet, length: number): CallerError {
    const name = packet.type.toUpperCase();
    const what = `${name} refused: ${reasonText('disconnect', PACKET_TOO_LARGE)}`;
    const why = `it has ${length} bytes, the broker takes ${this.packetBytesMax} at most`;
    return new CallerError('refused', what, { why, reasonCode: PACKET_TOO_LARGE });
  }
}

import { Buffer } from 'node:buffer';
import type { ByteChannel } from '../base/byte-channel.ts';

/** 4,096 acks. */
const POOLED_BYTES = 16_384;
const POOLED_COUNT_MAX = 64;

/** Whoever has something to send by the end of the turn. */
interface Flushable {
  flush(): void;
}

/** What all links of a run share: the end of the turn, and buffers that are lent for it. */
export class TurnOutputs {
  readonly #atTurnEnd: (callback: () => void) => void;
  readonly #flush = () => this.#flushAll();
  readonly #free: Buffer[] = [];
  #waiting: Flushable[] = [];

  /** @param atTurnEnd calls back once, when all that has arrived is dealt with. */
  constructor(atTurnEnd: (callback: () => void) => void) {
    this.#atTurnEnd = atTurnEnd;
  }

  /** Flushes it at the end of this turn. */
  add(output: Flushable): void {
    if (this.#waiting.length === 0) this.#atTurnEnd(this.#flush);
    this.#waiting.push(output);
  }

  takeBuffer(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES);
  }

  /** Takes back what `takeBuffer` gave, once nobody reads it any more. */
  giveBuffer(buffer: Buffer): void {
    if (this.#free.length < POOLED_COUNT_MAX) this.#free.push(buffer);
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const output of waiting) output.flush();
  }
}

/**
 * Acks and other small packets of one link: one write for all of a turn, and no memory while there
 * are none.
 */
export class LinkOutput implements Flushable {
  readonly #channel: ByteChannel;
  readonly #turn: TurnOutputs;
  #bytes: Buffer | undefined = undefined;
  #length = 0;

  constructor(channel: ByteChannel, turn: TurnOutputs) {
    this.#channel = channel;
    this.#turn = turn;
  }

  /** Adds an ack without a reason code. */
  putAck(firstByte: number, packetId: number): void {
    const bytes = this.#reserve(4);
    const at = this.#length;
    bytes[at] = firstByte;
    bytes[at + 1] = 2;
    bytes[at + 2] = packetId >>> 8;
    bytes[at + 3] = packetId;
    this.#length = at + 4;
  }

  /** Adds a copy of a packet. */
  put(packet: Buffer): void {
    if (packet.length > POOLED_BYTES) {
      this.flush();
      this.#channel.write(Buffer.from(packet));
      return;
    }
    const bytes = this.#reserve(packet.length);
    packet.copy(bytes, this.#length);
    this.#length += packet.length;
  }

  /** Sends at once what is there. */
  flush(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    this.#bytes = undefined;
    // What the channel has not got rid of is left to it.
    if (this.#channel.write(bytes.subarray(0, this.#length))) this.#turn.giveBuffer(bytes);
  }

  #reserve(count: number): Buffer {
    if (this.#bytes !== undefined && this.#length + count > POOLED_BYTES) this.flush();
    if (this.#bytes !== undefined) return this.#bytes;
    this.#turn.add(this);
    this.#bytes = this.#turn.takeBuffer();
    this.#length = 0;
    return this.#bytes;
  }
}

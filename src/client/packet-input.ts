import type { Buffer } from 'node:buffer';
import { connackInTodaysCode } from '../codec/connack.ts';
import { FrameSplitter, type FrameTarget } from '../codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { PacketReader } from '../codec/packet-reader.ts';
import { packetNameOf } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readPacket } from '../codec/read-packet.ts';

/** CONNACK before 5.0: a header and two bytes. In 5.0 it is longer by its Property Length. */
const OLD_CONNACK_BYTES = 4;

/** What one connection receives: bytes become packets. */
export class PacketInput implements FrameTarget {
  readonly #level: ProtocolLevel;
  readonly #packetBytesMax: number;
  readonly #onPacket: (packet: Packet) => void;
  readonly #splitter = new FrameSplitter(this);
  readonly #reader = new PacketReader();
  #isConnackDue = true;

  /**
   * @param packetBytesMax as CONNECT has announced it.
   * @param onPacket takes each packet within the call that brings it. The code of a CONNACK is
   *   always one of 5.0: return code 5 is 0x87.
   */
  constructor(level: ProtocolLevel, packetBytesMax: number, onPacket: (packet: Packet) => void) {
    this.#level = level;
    this.#packetBytesMax = packetBytesMax;
    this.#onPacket = onPacket;
    this.#reader.sender = 'server';
  }

  /** Takes a chunk of any size. @throws ProtocolError for what no server may send. */
  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  /** Drops all that comes, the rest of the present chunk too. */
  stop(): void {
    this.#splitter.stop();
  }

  /** Refuses a packet by its header, before its body comes. */
  onHeader(firstByte: number, packetBytes: number): void {
    const level = this.#level;
    if (packetBytes > this.#packetBytesMax) {
      const allowed = `CONNECT allows ${this.#packetBytesMax}`;
      const message = `a packet of ${packetBytes} bytes, where ${allowed}`;
      throw new ProtocolError('packet-too-large', message, { level, subjects: ['server'] });
    }
    const name = packetNameOf(firstByte);
    if (!this.#isConnackDue || name === 'connack' || (name === 'auth' && level === 5)) return;
    // What is no MQTT server is known by its first byte: the length that it seems to announce
    // would have to be waited for in vain.
    const message = `${name?.toUpperCase() ?? 'a reserved packet'} came before CONNACK`;
    throw new ProtocolError('before-connack', message, { level, offset: 0 });
  }

  /** Reads one packet. */
  onFrame(frame: Buffer): void {
    this.#reader.reset(frame, 0, frame.length);
    this.#reader.level = this.#level;
    const isOld = this.#isConnackDue && frame.length === OLD_CONNACK_BYTES && this.#level === 5;
    // A server of an older version refuses a CONNECT of 5.0 in its own form.
    if (isOld) this.#reader.level = 4;
    const packet = readPacket(this.#reader);
    if (packet.type !== 'connack') {
      this.#onPacket(packet);
      return;
    }
    this.#isConnackDue = false;
    if (isOld && packet.reasonCode === 0) {
      const message = 'CONNACK without a Property Length';
      throw new ProtocolError('property-length-missing', message, { level: 5, offset: 4 });
    }
    this.#onPacket(connackInTodaysCode(packet, this.#reader.level));
  }
}

import type { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../base/byte-channel.ts';
import { connackInTodaysCode } from '../codec/connack.ts';
import type {
  AckPacket,
  ConnackPacket,
  ConnectPacket,
  DisconnectPacket,
  QoS,
  SubackPacket,
} from '../codec/packet.ts';
import { PacketReader } from '../codec/packet-reader.ts';
import { firstByteOf, PACKET_TYPES, packetNameOf } from '../codec/packet-type.ts';
import { PacketWriter } from '../codec/packet-writer.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readPacket } from '../codec/read-packet.ts';
import { isFailure } from '../codec/reason-code.ts';
import { writePacket } from '../codec/write-packet.ts';
import { FrameScanner, type PublishSpan, type ScannerTarget } from './frame-scanner.ts';
import { LinkOutput, type TurnOutputs } from './link-output.ts';

/** How a link ended that was not asked to. */
export type LinkEnd =
  /** CONNACK said no; its code is one of 5.0. */
  | { readonly kind: 'refused'; readonly packet: ConnackPacket }
  /** The broker has said goodbye. */
  | { readonly kind: 'disconnected'; readonly packet: DisconnectPacket }
  /** An ack said no. */
  | {
      readonly kind: 'denied';
      readonly packet: AckPacket['type'] | 'suback';
      readonly reasonCode: number;
      readonly reasonString: string | undefined;
    }
  /** SUBACK has granted less than was asked for. */
  | { readonly kind: 'downgraded'; readonly granted: number }
  | { readonly kind: 'broke'; readonly error: ProtocolError }
  | {
      readonly kind: 'closed';
      readonly wasConnected: boolean;
      readonly cause: Error | undefined;
    };

/** What a link is for: what it does with what comes. */
export interface LinkRole {
  /** Bytes have come, and will be told now. */
  onChunk(): void;
  /** They have been told. */
  onChunkEnd(): void;
  /** A message; its ack is on the way. Bytes and span are good until this returns. */
  onMessage(bytes: Buffer, span: PublishSpan): void;
  /** PUBACK or PUBCOMP has come: the id may be used again. */
  onSettled(packetId: number): void;
  /** There is room again, after a `write` that said otherwise. */
  onDrained(): void;
}

/** Who hears of what happens to a link; each at most once for what asked for it. */
export interface LinkOwner {
  onConnected(): void;
  onSubscribed(): void;
  onPong(): void;
  /** The last call. Not made if `end` was called before. */
  onEnd(end: LinkEnd): void;
}

const PUBREC = PACKET_TYPES.pubrec.code;
const PUBREL = PACKET_TYPES.pubrel.code;
const PUBACK_BYTE = firstByteOf('puback');
const PUBREC_BYTE = firstByteOf('pubrec');
const PUBREL_BYTE = firstByteOf('pubrel');
const PUBCOMP_BYTE = firstByteOf('pubcomp');

const WRITER = new PacketWriter();
const READER = new PacketReader();
READER.sender = 'server';

const IDLE_ROLE: LinkRole = {
  onChunk() {},
  onChunkEnd() {},
  onMessage() {},
  onSettled() {},
  onDrained() {},
};

/**
 * One connection of a bench run: the codec for the few packets that open and close it, scanned
 * bytes and acks of four bytes for all that is measured.
 */
export class BenchLink implements ChannelEvents, ScannerTarget {
  /** What it is for; until it is told, nothing. */
  role: LinkRole = IDLE_ROLE;
  readonly #channel: ByteChannel;
  readonly #connect: ConnectPacket;
  readonly #owner: LinkOwner;
  readonly #output: LinkOutput;
  readonly #scanner: FrameScanner;
  #hasAnswered = false;
  #isConnected = false;
  #askedQos: QoS = 0;
  #isOver = false;
  /** Whether anything was sent since `keepAlive` was asked last. */
  #hasSent = false;

  constructor(
    channel: ByteChannel,
    connect: ConnectPacket,
    outputs: TurnOutputs,
    owner: LinkOwner,
  ) {
    this.#channel = channel;
    this.#connect = connect;
    this.#owner = owner;
    this.#output = new LinkOutput(channel, outputs);
    this.#scanner = new FrameScanner(connect.level, this);
  }

  /** Sends CONNECT. */
  start(): void {
    this.#put(writePacket(WRITER, this.#connect, this.#connect.level));
    this.#output.flush();
    this.#channel.listen(this);
  }

  /** Sends SUBSCRIBE; `topicFilters` are to fit in a packet that the broker takes. */
  subscribe(topicFilters: readonly string[], qos: QoS): void {
    const plain = { isNoLocal: false, isRetainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = topicFilters.map((topicFilter) => ({ topicFilter, qos, ...plain }));
    const properties = NO_PROPERTIES;
    const packet = { type: 'subscribe', packetId: 1, properties, subscriptions } as const;
    this.#askedQos = qos;
    this.#put(writePacket(WRITER, packet, this.#connect.level));
  }

  /** Sends PINGREQ: what was sent before has been read when `onPong` comes. */
  ping(): void {
    this.#put(writePacket(WRITER, { type: 'pingreq' }, this.#connect.level));
  }

  /** Pings if nothing was sent since the last call of this. */
  keepAlive(): void {
    const hasSent = this.#hasSent;
    this.#hasSent = false;
    if (!hasSent && this.#isConnected && !this.#isOver) this.ping();
  }

  /**
   * Sends packets. False if they have not left yet: the bytes must not change before `onDrained`.
   */
  write(frames: Buffer): boolean {
    this.#hasSent = true;
    return this.#channel.write(frames);
  }

  /** Says goodbye. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const packet = { type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES } as const;
    this.#output.put(writePacket(WRITER, packet, this.#connect.level));
    this.#output.flush();
    this.#channel.end();
  }

  onBytes(chunk: Buffer): void {
    if (this.#isOver) return;
    this.role.onChunk();
    try {
      if (!this.#hasAnswered) this.#requireConnack(chunk);
      this.#hasAnswered = true;
      this.#scanner.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail({ kind: 'broke', error });
    }
    this.role.onChunkEnd();
  }

  onDrained(): void {
    this.role.onDrained();
  }

  onClosed(cause: Error | undefined): void {
    if (!this.#isOver) this.#fail({ kind: 'closed', wasConnected: this.#isConnected, cause });
  }

  onPublish(bytes: Buffer, span: PublishSpan): void {
    if (span.qos === 1) this.#putAck(PUBACK_BYTE, span.packetId);
    else if (span.qos === 2) this.#putAck(PUBREC_BYTE, span.packetId);
    this.role.onMessage(bytes, span);
  }

  onAck(type: number, packetId: number): void {
    if (type === PUBREL) this.#putAck(PUBCOMP_BYTE, packetId);
    else if (type === PUBREC) this.#putAck(PUBREL_BYTE, packetId);
    else this.role.onSettled(packetId);
  }

  /** Whatever is not measured. */
  onFrame(frame: Buffer): void {
    READER.reset(frame, 0, frame.length);
    READER.level = this.#connect.level;
    const packet = readPacket(READER);
    switch (packet.type) {
      case 'connack':
        this.#onConnack(connackInTodaysCode(packet, this.#connect.level));
        break;
      case 'suback':
        this.#onSuback(packet);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        this.#onLongAck(packet);
        break;
      case 'pingresp':
        this.#owner.onPong();
        break;
      case 'disconnect':
        this.#fail({ kind: 'disconnected', packet });
        break;
      default: {
        const what = `${packet.type.toUpperCase()} where nobody has asked for it`;
        throw new ProtocolError('direction', what, { level: this.#connect.level });
      }
    }
  }

  #onConnack(packet: ConnackPacket): void {
    if (packet.reasonCode !== 0) {
      this.#fail({ kind: 'refused', packet });
      return;
    }
    this.#isConnected = true;
    this.#owner.onConnected();
  }

  #onSuback({ properties, reasonCodes }: SubackPacket): void {
    const { reasonString } = properties;
    const refusal = reasonCodes.find(isFailure);
    const granted = Math.min(...reasonCodes);
    if (refusal !== undefined) {
      this.#fail({ kind: 'denied', packet: 'suback', reasonCode: refusal, reasonString });
    } else if (granted < this.#askedQos) this.#fail({ kind: 'downgraded', granted });
    else this.#owner.onSubscribed();
  }

  /** An ack with a reason code: 5.0 alone. */
  #onLongAck({ packetId, properties, reasonCode, type }: AckPacket): void {
    const { reasonString } = properties;
    if (isFailure(reasonCode))
      this.#fail({ kind: 'denied', packet: type, reasonCode, reasonString });
    else this.onAck(PACKET_TYPES[type].code, packetId);
  }

  /** What is no MQTT broker is known by its first byte. */
  #requireConnack(chunk: Buffer): void {
    const [first = 0] = chunk;
    const name = packetNameOf(first);
    if (name === 'connack' || name === 'auth') return;
    const what = `${name?.toUpperCase() ?? 'a reserved packet'} came before CONNACK`;
    throw new ProtocolError('before-connack', what, { level: this.#connect.level, offset: 0 });
  }

  #putAck(firstByte: number, packetId: number): void {
    this.#hasSent = true;
    this.#output.putAck(firstByte, packetId);
  }

  #put(packet: Buffer): void {
    this.#hasSent = true;
    this.#output.put(packet);
  }

  #fail(end: LinkEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#channel.destroy();
    this.#owner.onEnd(end);
  }
}

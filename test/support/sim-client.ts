import { Buffer } from 'node:buffer';
import type { Random } from '../../src/base/random.ts';
import type { Broker } from '../../src/broker/broker.ts';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type {
  AckPacket,
  Packet,
  ProtocolLevel,
  PublishPacket,
  Will,
} from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { OutboundWindow } from '../../src/session/outbound-window.ts';
import { connectPacket, subscribePacket } from './broker-world.ts';
import { ackPacket } from './packets.ts';
import { SimLink } from './sim-link.ts';

const SERVER = { side: 'server', level: 5 } as const;

export interface SimClientOptions {
  readonly clientId: string;
  readonly level: ProtocolLevel;
  /** What it subscribes to, once. */
  readonly filter: string | undefined;
  readonly hasWill: boolean;
  /** Unfinished messages that it takes. */
  readonly receiveMaximum: number;
}

/** What one simulated client shares with the others. */
export interface SimSurroundings {
  readonly broker: Broker;
  readonly random: Random;
  readonly quotaMax: number;
  /** The next address: each connection has its own. */
  nextPeer(): string;
}

/** A client with a session that lasts, and that does all that the standard asks of it. */
export class SimClient {
  readonly options: SimClientOptions;
  /** Texts of the messages that were handed on to whoever uses this client. */
  readonly taken: string[] = [];
  readonly window = new OutboundWindow<PublishPacket>();
  readonly waiting: PublishPacket[] = [];
  readonly links: SimLink[] = [];
  isReady = false;
  isSubscribed = false;
  /** QoS 2 ids between PUBLISH and PUBREL: part of the session. */
  readonly #held = new Set<number>();
  /** Messages that came on this connection and are not finished. */
  #open = new Set<number>();
  #link: SimLink | undefined = undefined;
  #wasConnected = false;
  readonly #around: SimSurroundings;
  readonly #writer = new PacketWriter();

  constructor(around: SimSurroundings, options: SimClientOptions) {
    this.#around = around;
    this.options = options;
    this.isSubscribed = options.filter === undefined;
  }

  /** Connects; where it is connected already the broker is left to find out. */
  connect(): void {
    const { clientId, hasWill, level, receiveMaximum } = this.options;
    const peer = this.#around.nextPeer();
    const splitter = this.#splitter(peer);
    const link = new SimLink(peer, this.#around.random, (bytes) => {
      if (link === this.#link) splitter.push(bytes);
    });
    this.links.push(link);
    this.#link = link;
    this.isReady = false;
    this.#around.broker.accept(link);
    const properties = level === 5 ? { sessionExpiryInterval: 3_600, receiveMaximum } : {};
    const will = hasWill ? willOf(peer) : undefined;
    this.#send(connectPacket({ clientId, level, isCleanStart: false, properties, will }));
  }

  /** Loses its connection. */
  cut(): void {
    this.#link?.cut();
    this.#link = undefined;
    this.isReady = false;
  }

  /** Says goodbye. */
  leave(): void {
    if (this.isReady) this.#send({ type: 'disconnect', reasonCode: 0, properties: {} });
    this.#link = undefined;
    this.isReady = false;
  }

  /** Whether the broker has ended the connection, or there is none. */
  get isGone(): boolean {
    return this.#link === undefined || this.#link.isClosed;
  }

  /** Sends one message that is due. */
  publish(): void {
    if (!this.isReady || !this.window.hasRoom) return;
    const packet = this.waiting.shift();
    if (packet === undefined) return;
    if (packet.qos === 0) this.#send(packet);
    else {
      const packetId = this.window.open(packet, packet.qos);
      this.#send({ ...packet, packetId });
    }
  }

  #splitter(peer: string): FrameSplitter {
    const reader = new PacketReader();
    reader.level = this.options.level;
    reader.sender = 'server';
    let count = 0;
    return new FrameSplitter({
      onHeader() {},
      onFrame: (frame) => {
        reader.reset(frame, 0, frame.length);
        const packet = readPacket(reader);
        count += 1;
        if ((packet.type === 'connack') !== (count === 1)) throw new Error(`${peer}: no CONNACK`);
        this.#onPacket(packet);
      },
    });
  }

  #onPacket(packet: Packet): void {
    switch (packet.type) {
      case 'connack':
        this.#onConnack(packet.isSessionPresent, packet.reasonCode);
        break;
      case 'publish':
        this.#onPublish(packet);
        break;
      case 'suback':
        this.isSubscribed = true;
        break;
      case 'puback':
        this.window.onPuback(packet.packetId, SERVER);
        this.#resend();
        break;
      case 'pubcomp':
        this.window.onPubcomp(packet.packetId, SERVER);
        this.#resend();
        break;
      case 'pubrec':
        this.window.onPubrec(packet.packetId, packet.reasonCode, SERVER);
        this.#send(ackPacket('pubrel', packet.packetId));
        break;
      case 'pubrel':
        this.#held.delete(packet.packetId);
        this.#open.delete(packet.packetId);
        this.#send(ackPacket('pubcomp', packet.packetId));
        break;
      case 'disconnect':
        if (packet.reasonCode !== 0x8e) throw new Error(`sent away: ${JSON.stringify(packet)}`);
        break;
      default:
        throw new Error(`${packet.type} was not expected`);
    }
  }

  #onConnack(isSessionPresent: boolean, reasonCode: number): void {
    const { filter, level } = this.options;
    if (reasonCode !== 0) throw new Error(`refused with ${reasonCode}`);
    if (this.#wasConnected && level !== 3 && !isSessionPresent) throw new Error('session lost');
    this.#wasConnected = true;
    this.isReady = true;
    this.#open = new Set();
    this.window.connect(this.#around.quotaMax);
    if (filter !== undefined && !this.isSubscribed) {
      this.#send(subscribePacket([{ topicFilter: filter, qos: 2 }], { packetId: 60_000 }));
    }
    this.#resend();
  }

  #resend(): void {
    for (let next = this.window.takeResend(); next !== undefined; ) {
      const { message, packetId, stage } = next;
      if (stage === 'pubrel') this.#send(ackPacket('pubrel', packetId));
      else if (message !== undefined) this.#send({ ...message, packetId, isDuplicate: true });
      next = this.window.takeResend();
    }
  }

  #onPublish({ isDuplicate, packetId, payload, qos }: PublishPacket): void {
    const text = payload.toString();
    if (packetId === undefined) {
      this.taken.push(text);
      return;
    }
    if (this.#open.has(packetId)) throw new Error(`packet id ${packetId} is in use`);
    if (!isDuplicate && this.#held.has(packetId)) throw new Error(`${packetId} is not free`);
    this.#open.add(packetId);
    if (this.#open.size > this.options.receiveMaximum) throw new Error('too many are in flight');
    if (qos === 1) this.#open.delete(packetId);
    if (qos === 1 || !this.#held.has(packetId)) this.taken.push(text);
    if (qos === 2) this.#held.add(packetId);
    this.#send(ackPacket(ACKS[qos === 1 ? 1 : 2], packetId));
  }

  #send(packet: Packet): void {
    this.#link?.send(Buffer.from(writePacket(this.#writer, packet, this.options.level)));
  }
}

const ACKS = { 1: 'puback', 2: 'pubrec' } as const satisfies Record<1 | 2, AckPacket['type']>;

/** A will by which one can tell whose connection it belonged to. */
function willOf(peer: string): Will {
  const payload = Buffer.from(peer);
  return { topicName: 'will', payload, qos: 2, isRetained: false, properties: {} };
}

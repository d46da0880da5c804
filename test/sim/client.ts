import { Buffer } from 'node:buffer';
import type { AckPacket, ConnectPacket, Packet, PublishPacket } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { OutboundWindow } from '../../src/session/outbound-window.ts';
import { ackPacket } from '../support/packets.ts';
import type { ClientKind } from './choices.ts';
import type { Garbage } from './journal.ts';
import type { Link, LinkClient } from './link.ts';

const SERVER = { side: 'server', level: 5 } as const;
const RECEIVE_MAXIMUM_DEFAULT = 65_535;
const writer = new PacketWriter();

/** What a client tells of. */
export interface ClientLog {
  /**
   * Messages that may be published twice: where a client does not hear that its session is gone,
   * since MQTT 3.1 does not say so, or CONNACK was lost, it repeats what nobody remembers.
   */
  readonly doubtful: Set<string>;
  /** It is about to send this. */
  onSend(client: SimClient, packet: Packet | Garbage): void;
  onReceive(client: SimClient, packet: Packet): void;
  /** The broker has broken a rule that this client can see. */
  onFault(client: SimClient, what: string): void;
}

/**
 * An MQTT client that keeps all rules for clients, in any version, with a session that lasts as
 * long as the broker says it does. What it does of its own accord is the simulation's to say.
 */
export class SimClient implements LinkClient {
  readonly clientId: string;
  readonly kind: ClientKind;
  readonly log: ClientLog;
  /** What 5.0 says in CONNACK holds for older clients, too, though nobody tells them. */
  readonly #receiveMaximum: number;
  link: Link | undefined = undefined;
  connect: ConnectPacket | undefined = undefined;

  isReady = false;
  /** When it has to send something; Infinity if never. */
  pingAtMs = Number.POSITIVE_INFINITY;
  #keepAliveMs = 0;
  /** Whether CONNACK has come to the last CONNECT. */
  #wasAnswered = true;
  /** Answers that it has not sent yet, in the order in which they are due. */
  readonly #answers: AckPacket[] = [];
  #window = new OutboundWindow<PublishPacket>();
  /** QoS 2 ids of the broker between PUBLISH and PUBREL. */
  readonly #held = new Set<number>();
  /** Ids that came on this connection, until PUBACK or PUBCOMP is sent. */
  #open = new Set<number>();
  /** What SUBSCRIBEs and UNSUBSCRIBEs wait for. */
  readonly #requests = new Set<number>();
  /** Topics to which the broker has given numbers on this connection, and those of this client. */
  #aliases = new Map<number, string>();
  #aliasesSet = new Map<number, string>();
  #aliasMax = 0;
  /** QoS 2 messages that were handed on, but for those that may come more than once. */
  readonly #taken = new Set<string>();

  constructor(
    { clientId, kind }: { readonly clientId: string; readonly kind: ClientKind },
    receiveMaximum: number,
    log: ClientLog,
  ) {
    this.clientId = clientId;
    this.kind = kind;
    this.#receiveMaximum = receiveMaximum;
    this.log = log;
  }

  /** Messages and requests that wait for the broker, and answers that the broker waits for. */
  get unfinishedCount(): number {
    return this.#window.size + this.#requests.size + this.#answers.length;
  }

  get answerCount(): number {
    return this.#answers.length;
  }

  /** The message with a topic alias, if the broker takes so many: beside the topic, or for it. */
  #withAlias(packet: PublishPacket, topicAlias: number): PublishPacket {
    if (topicAlias === 0 || topicAlias > this.#aliasMax) return packet;
    const isKnown = this.#aliasesSet.get(topicAlias) === packet.topicName;
    this.#aliasesSet.set(topicAlias, packet.topicName);
    const properties = { ...packet.properties, topicAlias };
    return { ...packet, properties, topicName: isKnown ? '' : packet.topicName };
  }

  /** Begins a connection: the link before it is left to itself. */
  open(link: Link, connect: ConnectPacket): void {
    // Nobody could take over what has no name, and it may be kept alive for ever.
    if (this.connect?.clientId === '') this.link?.cut();
    this.link = link;
    this.connect = connect;
    this.isReady = false;
    this.#answers.length = 0;
    this.#aliases = new Map();
    this.#aliasesSet = new Map();
    this.#open = new Set();
    link.level = connect.level;
    if (connect.level === 3 || !this.#wasAnswered) this.#noteDoubtful();
    this.#wasAnswered = false;
    this.send(connect);
  }

  onGone(): void {
    this.link = undefined;
    this.isReady = false;
    this.pingAtMs = Number.POSITIVE_INFINITY;
  }

  /** Something was sent at this time. */
  noteSent(nowMs: number): void {
    const isOff = this.#keepAliveMs === 0 || !this.isReady;
    this.pingAtMs = isOff ? Number.POSITIVE_INFINITY : nowMs + this.#keepAliveMs;
  }

  /** Sends the oldest answer that is due. */
  answer(): void {
    const packet = this.#answers.shift();
    if (packet === undefined) return;
    if (packet.type !== 'pubrec') this.#open.delete(packet.packetId);
    this.send(packet);
  }

  /** Publishes, if the broker's Receive Maximum leaves room; 0 is no topic alias. */
  publish(packet: PublishPacket, topicAlias: number): void {
    if (packet.qos === 0) {
      this.send(this.#withAlias(packet, topicAlias));
      return;
    }
    if (!this.#window.hasRoom) return;
    // What is repeated on another connection has its topic in full.
    const packetId = this.#window.open(packet, packet.qos);
    this.send({ ...this.#withAlias(packet, topicAlias), packetId });
  }

  /** An id for SUBSCRIBE or UNSUBSCRIBE. */
  takeId(): number {
    const packetId = this.#window.ids.take();
    this.#requests.add(packetId);
    return packetId;
  }

  send(packet: Packet | Garbage, bytes?: Buffer): void {
    const { connect, link } = this;
    if (link === undefined || connect === undefined) return;
    this.log.onSend(this, packet);
    if (bytes !== undefined) link.send(packet, bytes);
    else if (packet.type !== 'garbage') {
      link.send(packet, Buffer.from(writePacket(writer, packet, connect.level)));
    }
  }

  onPacket(packet: Packet): void {
    this.log.onReceive(this, packet);
    switch (packet.type) {
      case 'connack':
        this.#onConnack(packet);
        break;
      case 'publish':
        this.#onPublish(packet);
        break;
      case 'suback':
      case 'unsuback':
        this.#finishRequest(packet.packetId);
        break;
      case 'puback':
        this.#window.onPuback(packet.packetId, SERVER);
        this.#resend();
        break;
      case 'pubcomp':
        this.#window.onPubcomp(packet.packetId, SERVER);
        this.#resend();
        break;
      case 'pubrec':
        this.#onPubrec(packet);
        break;
      case 'pubrel':
        this.#onPubrel(packet.packetId);
        break;
      default:
        break;
    }
  }

  #onConnack(packet: Packet & { readonly type: 'connack' }): void {
    const { connect } = this;
    if (connect === undefined) return;
    const { properties } = packet;
    this.isReady = true;
    this.#wasAnswered = true;
    this.#aliasMax = properties.topicAliasMaximum ?? 0;
    this.#keepAliveMs = (properties.serverKeepAlive ?? connect.keepAliveSeconds) * 1000;
    // MQTT 3.1 does not say whether a session goes on: one that was asked for may.
    const goesOn = connect.level === 3 ? !connect.isCleanStart : packet.isSessionPresent;
    if (!goesOn) this.#forget();
    for (const packetId of this.#requests) this.#window.ids.free(packetId);
    this.#requests.clear();
    this.#window.connect(properties.receiveMaximum ?? this.#receiveMaximum);
    this.#resend();
  }

  #forget(): void {
    this.#window = new OutboundWindow();
    this.#held.clear();
  }

  #noteDoubtful(): void {
    for (const { message } of this.#window.entries()) {
      if (message !== undefined) this.log.doubtful.add(message.payload.toString('latin1'));
    }
  }

  #resend(): void {
    for (;;) {
      const next = this.#window.takeResend();
      if (next === undefined) return;
      const { message, packetId, stage } = next;
      if (stage === 'pubrel') this.send(ackPacket('pubrel', packetId));
      else if (message !== undefined) this.send({ ...message, packetId, isDuplicate: true });
    }
  }

  #finishRequest(packetId: number): void {
    if (!this.#requests.delete(packetId)) this.#complain(`nobody asked with packet id ${packetId}`);
    this.#window.ids.free(packetId);
  }

  #onPubrec({ packetId, reasonCode }: AckPacket): void {
    const result = this.#window.onPubrec(packetId, reasonCode, SERVER);
    if (result !== 'refused') this.send(ackPacket('pubrel', packetId));
    else this.#complain(`PUBREC ${reasonCode}`);
  }

  #onPubrel(packetId: number): void {
    this.#held.delete(packetId);
    this.#answers.push(ackPacket('pubcomp', packetId));
  }

  #onPublish(packet: PublishPacket): void {
    const { packetId, qos } = packet;
    const topicName = this.#resolve(packet);
    if (topicName === '') this.#complain(`topic alias of no topic [MQTT-3.3.2-7]`);
    if (packetId === undefined) return;
    if (this.#open.has(packetId)) this.#complain(`packet id ${packetId} is in use`);
    this.#open.add(packetId);
    const max = this.connect?.properties.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT;
    if (this.#open.size > max) this.#complain(`${this.#open.size} in flight [MQTT-3.3.4-9]`);
    if (qos === 2 && !this.#held.has(packetId)) this.#take(packet, topicName);
    if (qos === 2) this.#held.add(packetId);
    this.#answers.push(ackPacket(qos === 1 ? 'puback' : 'pubrec', packetId));
  }

  /** A live QoS 2 message is handed on once in its life; who shares may get two copies of it. */
  #take({ isRetained, payload }: PublishPacket, topicName: string): void {
    if (isRetained || payload.length === 0 || this.kind === 'sharing') return;
    const payloadText = payload.toString('latin1');
    if (this.log.doubtful.has(payloadText)) return;
    const text = `${topicName} ${payloadText}`;
    if (this.#taken.has(text)) this.#complain(`QoS 2 message ${text} came twice [MQTT-4.3.3-10]`);
    this.#taken.add(text);
  }

  #resolve({ properties, topicName }: PublishPacket): string {
    const { topicAlias } = properties;
    if (topicAlias === undefined) return topicName;
    if (topicName !== '') this.#aliases.set(topicAlias, topicName);
    return this.#aliases.get(topicAlias) ?? '';
  }

  #complain(what: string): void {
    this.log.onFault(this, what);
  }
}

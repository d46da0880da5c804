import type { AckPacket, ProtocolLevel, PublishPacket } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { reasonCode } from '../codec/reason-code.ts';
import type { ClientSession } from './client-session.ts';
import type { PacketOutput } from './packet-output.ts';
import type { IncomingMessage } from './publication.ts';

const NOT_FOUND = reasonCode('packetIdentifierNotFound');

/** A message that was handed over, and whose ack is due once it is taken. */
export class Delivery {
  readonly packetId: number;
  readonly qos: 1 | 2;
  /** Where its ack goes out: the last connection on which the message came. */
  flow: ReceiveFlow;
  #isTaken = false;

  constructor(packetId: number, qos: 1 | 2, flow: ReceiveFlow) {
    this.packetId = packetId;
    this.qos = qos;
    this.flow = flow;
  }

  get isTaken(): boolean {
    return this.#isTaken;
  }

  take(): void {
    this.#isTaken = true;
    this.flow.onTaken(this);
  }
}

/**
 * The messages that come in on one connection: QoS 2 exactly once, and acks in the order in which
 * the messages came [MQTT-4.6.0-2] [MQTT-4.6.0-3], each after its message was taken.
 */
export class ReceiveFlow {
  readonly #session: ClientSession;
  readonly #level: ProtocolLevel;
  readonly #output: PacketOutput;
  readonly #onMessage: (message: IncomingMessage) => void;
  readonly #aliases: TopicAliases;
  /** Whose acks are due, the oldest first: at most Receive Maximum, and repeats of them. */
  readonly #due: Delivery[] = [];

  constructor(
    session: ClientSession,
    peer: { readonly level: ProtocolLevel; readonly aliasMaximum: number },
    output: PacketOutput,
    onMessage: (message: IncomingMessage) => void,
  ) {
    this.#session = session;
    this.#level = peer.level;
    this.#aliases = new TopicAliases(peer.aliasMaximum, peer.level);
    this.#output = output;
    this.#onMessage = onMessage;
  }

  /** The connection is over: no ack goes out on it any more. */
  close(): void {
    this.#due.length = 0;
  }

  /** PUBLISH came. @throws ProtocolError for a wrong alias or one message too many. */
  onPublish(received: PublishPacket): void {
    const packet = this.#aliases.resolve(received);
    const { packetId, qos } = packet;
    const { inbound, untaken } = this.#session;
    if (packetId === undefined || qos === 0) {
      this.#onMessage({ packet, take: () => {} });
      return;
    }
    const server = { side: 'server', level: this.#level } as const;
    if (qos === 1) inbound.openQos1(server);
    else if (inbound.onQos2(packetId, server) === 'repeat') {
      this.#repeat(packetId);
      return;
    }
    const delivery = new Delivery(packetId, qos, this);
    this.#due.push(delivery);
    if (qos === 2) untaken.set(packetId, delivery);
    this.#onMessage({ packet, take: () => delivery.take() });
  }

  /** PUBREL came: the id may mean a new message from now on [MQTT-4.3.3-11]. */
  onPubrel({ packetId }: AckPacket): void {
    const wasHeld = this.#session.inbound.onPubrel(packetId);
    const code = wasHeld || this.#level !== 5 ? 0 : NOT_FOUND;
    this.#send('pubcomp', packetId, code);
  }

  /** A message that came here last is taken: for `Delivery` alone. */
  onTaken(delivery: Delivery): void {
    if (this.#session.untaken.get(delivery.packetId) === delivery) {
      this.#session.untaken.delete(delivery.packetId);
    }
    this.#sendDue();
  }

  /** Answers again in its turn; if the message is not yet taken, once it is [MQTT-4.3.3-10]. */
  #repeat(packetId: number): void {
    const untaken = this.#session.untaken.get(packetId);
    if (untaken !== undefined) untaken.flow = this;
    const delivery = untaken ?? new Delivery(packetId, 2, this);
    this.#due.push(delivery);
    if (untaken === undefined) delivery.take();
  }

  #sendDue(): void {
    for (let next = this.#due[0]; next?.isTaken === true; next = this.#due[0]) {
      this.#due.shift();
      if (next.qos === 1) this.#session.inbound.closeQos1();
      this.#send(next.qos === 1 ? 'puback' : 'pubrec', next.packetId, 0);
    }
  }

  #send(type: AckPacket['type'], packetId: number, code: number): void {
    this.#output.send({ type, packetId, reasonCode: code, properties: NO_PROPERTIES });
  }
}

/** The server's topic aliases: they belong to one connection (section 3.3.2.3.4). */
class TopicAliases {
  /** At most `#maximum`. */
  readonly #topics = new Map<number, string>();
  readonly #maximum: number;
  readonly #level: ProtocolLevel;

  constructor(maximum: number, level: ProtocolLevel) {
    this.#maximum = maximum;
    this.#level = level;
  }

  /** The same packet with its topic. */
  resolve(packet: PublishPacket): PublishPacket {
    const { topicAlias } = packet.properties;
    if (topicAlias === undefined) return packet;
    const level = this.#level;
    if (topicAlias > this.#maximum) {
      const message = `topic alias ${topicAlias} is above ${this.#maximum}`;
      throw new ProtocolError('alias-too-high', message, { level, subjects: ['server'] });
    }
    if (packet.topicName !== '') {
      this.#topics.set(topicAlias, packet.topicName);
      return packet;
    }
    const topicName = this.#topics.get(topicAlias);
    if (topicName === undefined) {
      throw new ProtocolError('alias-unknown', `topic alias ${topicAlias} has no topic`, { level });
    }
    return { ...packet, topicName };
  }
}

import { NO_PROPERTIES } from '../codec/properties.ts';
import { isFailure, reasonCode } from '../codec/reason-code.ts';
import { isExpired, type KeptMessage } from '../session/message.ts';
import { MessageQueue } from '../session/message-queue.ts';
import { OutboundWindow } from '../session/outbound-window.ts';
import type { StoredSession } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Subscription } from './client-session.ts';
import type { Connection } from './connection.ts';
import { deliveryPacket } from './delivery-packet.ts';
import { DropLog, type DropNote, type DropOwner, type DropReason } from './drop-log.ts';
import { explain } from './explanation.ts';
import type { Delivery, DeliveryTerms, Publication } from './publication.ts';
import { type RetainedReplay, RetainedReplays } from './retained-replays.ts';
import { SessionMemory } from './session-memory.ts';

/**
 * What goes to one client, over all its connections: messages in flight and those that wait, in
 * their order.
 *
 *     away -> attached -> (CONNACK is out) -> ready -> away
 */
export class OutboundFlow implements DropOwner {
  readonly replays = new RetainedReplays();
  readonly #core: BrokerCore;
  readonly #session: StoredSession;
  /** What is kept for the client, waiting or in flight. */
  readonly memory: SessionMemory;
  readonly #window: OutboundWindow<Delivery>;
  readonly #queue: MessageQueue<Delivery>;
  /** The connection that the client has, if it is here. */
  #connection: Connection | undefined = undefined;
  /** The same, once its CONNACK is out [MQTT-3.2.0-1]. */
  #ready: Connection | undefined = undefined;
  #isPumpPending = false;
  #droppedCount = 0;
  #dropLog: DropLog | undefined = undefined;
  /** When the client left. */
  #awaySinceMs: number;

  constructor(core: BrokerCore, session: StoredSession) {
    this.#core = core;
    this.#session = session;
    const { queueBytesMax, queueMessagesMax, whenQueueFull } = core.config;
    this.#awaySinceMs = core.ports.nowMs();
    this.memory = new SessionMemory(core.memory);
    this.#window = new OutboundWindow(undefined, this.memory);
    const messagesMax = queueMessagesMax;
    const limits = { messagesMax, bytesMax: queueBytesMax, whenFull: whenQueueFull };
    this.#queue = new MessageQueue(limits, this.memory);
  }

  get clientId(): string {
    return this.#session.clientId;
  }

  /** Messages that wait for the client, in flight or not. */
  get waitingCount(): number {
    return this.#window.size + this.#queue.length;
  }

  /** Messages that the client has not got, and never will. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Whether half of what may wait does. */
  get isBehind(): boolean {
    const { queueBytesMax, queueMessagesMax } = this.#core.config;
    if (queueMessagesMax > 0 && this.#queue.length * 2 > queueMessagesMax) return true;
    return this.#queue.bytes * 2 > queueBytesMax;
  }

  /** A connection takes the session up; `resume` follows when CONNACK is out. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#window.connect(connection.terms.inflightMax);
  }

  /** Repeats what is unfinished [MQTT-4.4.0-1], and then sends what has waited. */
  resume(): void {
    this.#ready = this.#connection;
    this.pump();
  }

  /** The connection is gone. */
  detach(): void {
    this.#connection = undefined;
    this.#ready = undefined;
    this.#awaySinceMs = this.#core.ports.nowMs();
  }

  /** Whether a message with QoS 1 or 2 would be sent at once, and need not wait. */
  get takesAtOnce(): boolean {
    const connection = this.#ready;
    if (connection === undefined || connection.output.isFull) return false;
    return this.#queue.length === 0 && this.#window.hasRoom;
  }

  /** Nothing remains of it but what the log has to tell. */
  end(): void {
    this.#window.clear();
    this.#queue.clear();
    this.#dropLog?.end();
  }

  dropNote(reason: DropReason): DropNote {
    if (reason === 'memory') {
      const message = 'QoS 0 messages are kept no more: memory is used up';
      return { limit: '--max-memory', message, next: 'see who holds so much, or raise it' };
    }
    if (reason === 'tooLarge') {
      const max = this.#connection?.terms.packetBytesMax;
      const message = `larger than the ${max} bytes that the client takes`;
      return { message, next: 'have the client raise its Maximum Packet Size, or publish less' };
    }
    const limit = this.#queue.isFullByCount ? '--max-queue-messages' : '--max-queue-bytes';
    const waiting = `${this.#queue.length} messages of ${this.#queue.bytes} bytes wait`;
    if (this.#connection !== undefined) {
      const message = `${waiting}: the client does not keep up`;
      return { limit, message, next: `publish less, or raise ${limit}` };
    }
    const seconds = Math.round((this.#core.ports.nowMs() - this.#awaySinceMs) / 1000);
    const message = `${waiting}: the client has been away for ${seconds} s`;
    return { limit, message, next: `let messages or the session expire, or raise ${limit}` };
  }

  /**
   * Sends a message, or keeps it for later, as QoS and the client's state allow. What goes wrong
   * concerns neither the publisher nor the other subscribers.
   */
  deliver(publication: Publication, terms: DeliveryTerms): void {
    try {
      this.#deliver(publication, terms);
    } catch (error) {
      const fail = (): never => {
        throw error;
      };
      if (this.#connection === undefined) this.#core.guard(fail);
      else this.#connection.guard(fail);
    }
  }

  #deliver(publication: Publication, terms: DeliveryTerms): void {
    const connection = this.#ready;
    if (terms.qos === 0) {
      this.#deliverQos0(publication, terms, connection);
      return;
    }
    if (connection !== undefined && this.takesAtOnce) {
      // A session that ends with its connection sends nothing twice: it keeps no message.
      const message = this.#session.isDurable ? publication.keep() : publication.message;
      this.#sendFirst({ message, ...terms }, connection);
      return;
    }
    this.#enqueue(publication, terms);
    connection?.output.noteMessage();
  }

  /** What is queued for an absent client is not overtaken when it is back [MQTT-4.6.0-6]. */
  #deliverQos0(
    publication: Publication,
    terms: DeliveryTerms,
    connection: Connection | undefined,
  ): void {
    if (this.#queue.qos0Count > 0) this.#enqueue(publication, terms);
    else if (connection !== undefined) {
      if (connection.output.isFrozen) this.#drop('slowQos0', 1);
      else this.#sendQos0({ message: publication.message, ...terms }, connection);
    } else if (this.#core.config.queuesQos0) this.#enqueue(publication, terms);
  }

  #enqueue(publication: Publication, terms: DeliveryTerms): void {
    // What lives for 0 s is for those who can be sent it now: it takes no other's place in line.
    if (isExpired(publication.message, this.#core.ports.nowMs())) this.#drop('expired', 1);
    else if (terms.qos === 0 && this.#core.memory.isExhausted) this.#drop('memory', 1);
    else this.#drop('queueFull', this.#queue.push({ message: publication.keep(), ...terms }));
  }

  /** Retained messages for a new subscription: sent as there is room for them. */
  replayRetained(topicFilter: string, replay: RetainedReplay): void {
    this.replays.start(topicFilter, replay);
    this.pump();
  }

  /** Sends what may be sent now: repeats, what waits in the queue, retained messages. */
  pump(): void {
    const connection = this.#ready;
    if (connection === undefined || !connection.isOpen) return;
    this.#pumpResends(connection);
    this.#pumpQueue(connection);
    this.#pumpReplays(connection);
  }

  onPuback(packetId: number): void {
    if (!this.#window.onPuback(packetId, this.#peer())) return;
    this.#core.mark(this.#session, { event: 'acked', packetId });
    this.pump();
  }

  /** PUBREC: answered with PUBREL unless it refuses the message [MQTT-4.3.3-4]. */
  onPubrec(packetId: number, code: number): void {
    const result = this.#window.onPubrec(packetId, code, this.#peer());
    if (result === 'refused') {
      this.#core.mark(this.#session, { event: 'acked', packetId });
      this.pump();
      return;
    }
    const connection = this.#connection;
    if (connection === undefined) return;
    // Whoever refuses has ended the flow, and waits for no PUBREL.
    if (result === 'unknown' && isFailure(code)) return;
    const isUnknown = result === 'unknown' && connection.level === 5;
    const reason = reasonCode(isUnknown ? 'packetIdentifierNotFound' : 'success');
    const why = `no QoS 2 message with packet id ${packetId} waits for PUBREC`;
    const properties = isUnknown ? explain(connection, why) : NO_PROPERTIES;
    const response = connection.responses.begin();
    const release = (): void =>
      connection.responses.settle(response, () => {
        connection.reply({ type: 'pubrel', packetId, reasonCode: reason, properties });
      });
    const step = { event: 'received', packetId } as const;
    if (result === 'release') this.#core.markThen(connection, this.#session, step, release);
    else release();
  }

  onPubcomp(packetId: number): void {
    if (!this.#window.onPubcomp(packetId, this.#peer())) return;
    this.#core.mark(this.#session, { event: 'complete', packetId });
    this.pump();
  }

  #pumpResends(connection: Connection): void {
    while (!connection.output.isFull) {
      const entry = this.#window.takeResend();
      if (entry === undefined) return;
      const { message: delivery, packetId } = entry;
      if (entry.stage === 'pubrel') {
        const properties = NO_PROPERTIES;
        connection.send({ type: 'pubrel', packetId, reasonCode: 0, properties });
      } else if (delivery !== undefined) {
        this.#sendOrAbandon(delivery, connection, packetId, true);
      }
    }
  }

  #pumpQueue(connection: Connection): void {
    while (!connection.output.isFull) {
      const { first } = this.#queue;
      if (first === undefined || (first.qos > 0 && !this.#window.hasRoom)) return;
      this.#queue.shift();
      if (isExpired(first.message, this.#core.ports.nowMs())) this.#drop('expired', 1);
      else if (first.qos === 0) this.#sendQos0(first, connection);
      else this.#sendFirst(first, connection);
    }
  }

  #pumpReplays(connection: Connection): void {
    while (!connection.output.isFull && this.#queue.length === 0) {
      const replay = this.replays.first;
      if (replay === undefined) return;
      const { subscription } = replay;
      if (subscription.qos > 0 && !this.#window.hasRoom) return;
      const next = replay.messages.next();
      if (next.done === true) this.replays.endFirst();
      else if (next.value === undefined) {
        this.#pumpLater();
        return;
      } else this.#sendRetained(next.value, subscription, connection);
    }
  }

  /** A long search without a match: others come first. */
  #pumpLater(): void {
    if (this.#isPumpPending) return;
    this.#isPumpPending = true;
    this.#core.ports.atTurnEnd(() => {
      this.#isPumpPending = false;
      this.#ready?.onRoom();
    });
  }

  #sendRetained(message: KeptMessage, subscription: Subscription, connection: Connection): void {
    if (isExpired(message, this.#core.ports.nowMs())) return;
    const { identifier } = subscription;
    const qos = Math.min(message.qos, subscription.qos) as 0 | 1 | 2;
    const subscriptionIdentifiers = identifier === undefined ? undefined : [identifier];
    const delivery = { message, qos, isRetained: true, isReplay: true, subscriptionIdentifiers };
    if (qos === 0) this.#sendQos0(delivery, connection);
    else this.#sendFirst(delivery, connection);
  }

  #sendQos0(delivery: Delivery, connection: Connection): void {
    if (!this.#send(delivery, connection, undefined, false)) this.#drop('tooLarge', 1);
  }

  /** Sends with QoS 1 or 2 for the first time; there must be room in the window. */
  #sendFirst(delivery: Delivery, connection: Connection): void {
    const isKept = this.#session.isDurable;
    const qos = delivery.qos as 1 | 2;
    const packetId = this.#window.open(isKept ? delivery : undefined, qos);
    if (isKept) {
      const message = delivery.message as KeptMessage;
      this.#core.mark(this.#session, { event: 'queued', packetId, message });
    }
    this.#sendOrAbandon(delivery, connection, packetId, false);
  }

  #sendOrAbandon(
    delivery: Delivery,
    connection: Connection,
    packetId: number,
    isDuplicate: boolean,
  ): void {
    if (this.#send(delivery, connection, packetId, isDuplicate)) return;
    // Too large for the client: as if it had been delivered [MQTT-3.1.2-25].
    this.#window.abandon(packetId);
    this.#core.mark(this.#session, { event: 'acked', packetId });
    this.#drop('tooLarge', 1);
  }

  #send(
    delivery: Delivery,
    connection: Connection,
    packetId: number | undefined,
    isDuplicate: boolean,
  ): boolean {
    const nowMs = this.#core.ports.nowMs();
    const attempt = { level: connection.level, packetId, isDuplicate, nowMs };
    return connection.sendPublish(deliveryPacket(delivery, attempt));
  }

  /** Counts what the client will not get, and says so in the log. */
  #drop(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.#core.countDrops(reason, count);
    this.#droppedCount += count;
    if (reason === 'expired' || reason === 'slowQos0') return;
    this.#dropLog ??= new DropLog(this.#core, this);
    this.#dropLog.add(reason, count);
  }

  #peer(): { side: 'client'; level: 3 | 4 | 5 } {
    return { side: 'client', level: this.#connection?.level ?? 5 };
  }
}

import { NO_PROPERTIES } from '../codec/properties.ts';
import { isFailure, reasonCode } from '../codec/reason-code.ts';
import { isExpired, type KeptMessage } from '../session/message.ts';
import { MessageQueue } from '../session/message-queue.ts';
import type { OutboundWindow } from '../session/outbound-window.ts';
import type { KeptSession, StoredSession } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';
import { explain } from './explanation.ts';
import { OutboundDrops, type OutboundQueue } from './outbound-drops.ts';
import { OutboundSender } from './outbound-sender.ts';
import {
  type Delivery,
  type DeliveryTerms,
  type Publication,
  QueuedDelivery,
} from './publication.ts';
import { QueueNotes } from './queue-notes.ts';
import { type RetainedReplay, RetainedReplays } from './retained-replays.ts';
import { RunParcel } from './run-parcel.ts';
import { SessionMemory } from './session-memory.ts';
import type { SharedSlab } from './shared-slab.ts';

/**
 * What goes to one client, over all its connections: messages in flight and those that wait, in
 * their order.
 *
 *     away -> attached -> (CONNACK is out) -> ready -> away
 */
export class OutboundFlow {
  readonly replays = new RetainedReplays();
  readonly #core: BrokerCore;
  readonly #session: StoredSession;
  /** What is kept for the client, waiting or in flight. */
  readonly memory: SessionMemory;
  /** Undefined where nothing is kept. */
  readonly #notes: QueueNotes | undefined = undefined;
  readonly #queue: OutboundQueue;
  readonly #drops: OutboundDrops;
  readonly #sender: OutboundSender;
  readonly #window: OutboundWindow<Delivery>;
  /** The connection that the client has, if it is here. */
  #connection: Connection | undefined = undefined;
  /** The same, once its CONNACK is out [MQTT-3.2.0-1]. */
  #ready: Connection | undefined = undefined;
  #isPumpPending = false;

  constructor(core: BrokerCore, session: StoredSession) {
    this.#core = core;
    this.#session = session;
    this.memory = new SessionMemory(core.memory);
    const { memory } = this;
    if (!core.backend.isVolatile) this.#notes = new QueueNotes(core.journal, session, memory);
    this.#queue = new MessageQueue<QueuedDelivery | RunParcel>(
      core.queueLimits,
      this.#notes ?? memory,
    );
    this.#drops = new OutboundDrops(core, session, this.#queue);
    this.#sender = new OutboundSender(core, session, { drops: this.#drops, memory: this.memory });
    this.#window = this.#sender.window;
  }

  /** Whether the backend is told of what waits from now on. */
  #tellBackend(isTold: boolean): void {
    if (this.#notes !== undefined) this.#notes.tellsBackend = isTold;
  }

  /** Messages that wait for the client, in flight or not. */
  get waitingCount(): number {
    return this.#window.size + this.#queue.length;
  }

  /** Messages that the client has not got, and never will. */
  get droppedCount(): number {
    return this.#drops.count;
  }

  /** Whether the client is connected. */
  get isHere(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether half of what may wait does. */
  get isBehind(): boolean {
    const { queueBytesMax, queueMessagesMax } = this.#core.config;
    if (queueMessagesMax > 0 && this.#queue.length * 2 > queueMessagesMax) return true;
    return this.#queue.bytes * 2 > queueBytesMax;
  }

  /** What was kept while the broker was away, before any connection. */
  restore({ flights, queue }: KeptSession): void {
    for (const { delivery, packetId, qos, stage } of flights) {
      this.#window.restore({ packetId, qos, stage, message: delivery, isSent: false });
    }
    this.#tellBackend(false);
    for (const delivery of queue) this.#queue.restore(new QueuedDelivery(delivery));
    this.#tellBackend(true);
  }

  /** A connection takes the session up; `resume` follows when CONNACK is out. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#drops.onHere(connection.terms.packetBytesMax);
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
    this.#drops.onAway();
  }

  /** Whether a message with QoS 1 or 2 would be sent at once, and need not wait. */
  get takesAtOnce(): boolean {
    const connection = this.#ready;
    if (connection === undefined || connection.output.isFull) return false;
    return this.#queue.length === 0 && this.#window.hasRoom;
  }

  /** Nothing remains of it but what the log has to tell. */
  end(): void {
    this.#tellBackend(false);
    this.#window.clear();
    this.#queue.clear();
    this.#drops.end();
  }

  /**
   * Sends a message, or keeps it for later, as QoS and the client's state allow. What goes wrong
   * concerns neither the publisher nor the other subscribers.
   */
  deliver(publication: Publication, terms: DeliveryTerms): void {
    try {
      this.#deliver(publication, terms);
    } catch (error) {
      this.#fail(error);
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
      this.#sender.send({ message, ...terms }, connection);
      return;
    }
    this.#enqueue(publication, terms);
    connection?.output.noteMessage();
  }

  /** Hot path: delivers the frames of a run, as `deliver` would one by one. */
  deliverRun(parcel: RunParcel, shared: SharedSlab | undefined): void {
    try {
      if (parcel.qos === 0) this.#deliverFramesQos0(parcel, shared);
      else this.#deliverFrames(parcel);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Hot path: the same for one frame. */
  deliverFrame(parcel: RunParcel, index: number): void {
    const connection = this.#ready;
    const isFree = this.#queue.length === 0 && connection?.output.isSpent === false;
    if (!isFree || !this.#sender.takesFrames(parcel, connection)) {
      this.deliver(parcel.run.publication(index), parcel.terms());
      return;
    }
    try {
      const next = this.#sender.sendFrames(parcel, connection, index, index + 1);
      if (next === index) this.#deliver(parcel.run.publication(index), parcel.terms());
      else connection.output.noteMessage();
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliverEach(parcel: RunParcel): void {
    const terms = parcel.terms();
    const { run } = parcel;
    for (let index = 0; index < run.count; index += 1) {
      this.#deliver(run.publication(index), terms);
    }
  }

  #deliverFramesQos0(parcel: RunParcel, shared: SharedSlab | undefined): void {
    const connection = this.#ready;
    const isAway = connection === undefined;
    // What waits is not overtaken; and while the output is frozen, each message is weighed.
    if (isAway || this.#queue.qos0Count > 0 || connection.output.isSpent) this.#deliverEach(parcel);
    else if (!this.#sender.takesFrames(parcel, connection)) this.#deliverEach(parcel);
    else {
      this.#sender.sendRun(parcel, connection, shared);
      connection.output.noteMessage();
    }
  }

  #deliverFrames(parcel: RunParcel): void {
    const connection = this.#ready;
    const { count } = parcel.run;
    let sent = 0;
    if (connection !== undefined && this.#queue.length === 0) {
      if (!this.#sender.takesFrames(parcel, connection)) {
        this.#deliverEach(parcel);
        return;
      }
      sent = this.#sender.sendFrames(parcel, connection, 0, count);
    }
    if (sent < count) {
      const kept = parcel.keep();
      for (let index = sent; index < count; index += 1) {
        this.#drops.add('queueFull', this.#queue.push(kept, index));
      }
    }
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
      if (connection.output.isFrozen) this.#drops.add('slowQos0', 1);
      else this.#sender.send({ message: publication.message, ...terms }, connection);
    } else if (this.#core.config.queuesQos0) this.#enqueue(publication, terms);
  }

  #enqueue(publication: Publication, terms: DeliveryTerms): void {
    // What lives for 0 s is for those who can be sent it now: it takes no other's place in line.
    if (isExpired(publication.message, this.#core.ports.nowMs())) this.#drops.add('expired', 1);
    else if (terms.qos === 0 && this.#core.memory.isExhausted) this.#drops.add('memory', 1);
    else {
      const queued = new QueuedDelivery({ message: publication.keep(), ...terms });
      this.#drops.add('queueFull', this.#queue.push(queued));
    }
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

  /** Whether anything waits for an ack to come, or for room. */
  get hasWaiting(): boolean {
    return this.#queue.length > 0 || this.replays.size > 0 || this.#window.hasResends;
  }

  /** For acks that are as they should be; who takes them sees to `pump` and PUBREL. */
  get window(): OutboundWindow<Delivery> {
    return this.#window;
  }

  onPuback(packetId: number): void {
    if (!this.#window.onPuback(packetId, this.#peer())) return;
    this.#core.journal.mark(this.#session, 'acked', packetId);
    this.pump();
  }

  /** PUBREC: answered with PUBREL unless it refuses the message [MQTT-4.3.3-4]. */
  onPubrec(packetId: number, code: number): void {
    const result = this.#window.onPubrec(packetId, code, this.#peer());
    if (result === 'refused') {
      this.#core.journal.mark(this.#session, 'acked', packetId);
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
    const { journal } = this.#core;
    if (result === 'release') journal.markThen(connection, this.#session, step, release);
    else release();
  }

  onPubcomp(packetId: number): void {
    if (!this.#window.onPubcomp(packetId, this.#peer())) return;
    this.#core.journal.mark(this.#session, 'complete', packetId);
    this.pump();
  }

  #pumpResends(connection: Connection): void {
    while (!connection.output.isFull && this.#sender.resend(connection));
  }

  #pumpQueue(connection: Connection): void {
    while (!connection.output.isFull) {
      const { first } = this.#queue;
      if (first === undefined || (first.qos > 0 && !this.#window.hasRoom)) return;
      if (first instanceof RunParcel) this.#pumpFrames(first, connection);
      else {
        this.#queue.shift();
        const { delivery } = first;
        if (isExpired(delivery.message, this.#core.ports.nowMs())) this.#drops.add('expired', 1);
        else this.#sender.send(delivery, connection);
      }
    }
  }

  /** Sends frames that have waited; there must be room for one. */
  #pumpFrames(parcel: RunParcel, connection: Connection): void {
    const from = this.#queue.firstIndex;
    if (!this.#sender.takesFrames(parcel, connection)) {
      this.#queue.shift();
      this.#sender.send(parcel.delivery(from), connection);
      return;
    }
    const most = parcel.qos === 0 ? parcel.run.count : this.#window.room;
    const to = from + this.#queue.countTogether(most);
    const next = this.#sender.sendFrames(parcel, connection, from, to);
    for (let index = from; index < next; index += 1) this.#queue.shift();
    connection.output.noteMessage();
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
      } else this.#sendRetained(next.value, replay, connection);
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

  #sendRetained(message: KeptMessage, replay: RetainedReplay, connection: Connection): void {
    if (this.#sender.sendRetained(message, replay, connection)) return;
    if (isExpired(message, this.#core.ports.nowMs())) return;
    const { subscription } = replay;
    const { identifier } = subscription;
    const qos = Math.min(message.qos, subscription.qos) as 0 | 1 | 2;
    const subscriptionIdentifiers = identifier === undefined ? undefined : [identifier];
    const delivery = { message, qos, isRetained: true, isReplay: true, subscriptionIdentifiers };
    this.#sender.send(delivery, connection);
  }

  #fail(error: unknown): void {
    const fail = (): never => {
      throw error;
    };
    if (this.#connection === undefined) this.#core.guard(fail);
    else this.#connection.guard(fail);
  }

  #peer(): { side: 'client'; level: 3 | 4 | 5 } {
    return { side: 'client', level: this.#connection?.level ?? 5 };
  }
}

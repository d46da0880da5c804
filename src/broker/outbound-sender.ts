import type { QoS } from '../codec/packet.ts';
import type { KeptMessage } from '../session/message.ts';
import { OutboundWindow } from '../session/outbound-window.ts';
import type { StoredSession } from './backend.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';
import { deliveryPacket } from './delivery-packet.ts';
import type { OutboundDrops } from './outbound-drops.ts';
import type { Delivery, KeptDelivery } from './publication.ts';
import { retainedFrameBytes, writeRetainedFrame } from './retained-frame.ts';
import type { RetainedReplay } from './retained-replays.ts';
import { NO_PROPERTY_BYTES } from './route-target.ts';
import type { RunParcel } from './run-parcel.ts';
import type { SessionMemory } from './session-memory.ts';
import type { SharedSlab } from './shared-slab.ts';

/** Sends messages to one client: as packets one by one, or as the frames of a run. */
export class OutboundSender {
  readonly window: OutboundWindow<Delivery>;
  readonly #core: BrokerCore;
  readonly #session: StoredSession;
  readonly #drops: OutboundDrops;

  constructor(
    core: BrokerCore,
    session: StoredSession,
    { drops, memory }: { readonly drops: OutboundDrops; readonly memory: SessionMemory },
  ) {
    this.#core = core;
    this.#session = session;
    this.#drops = drops;
    this.window = new OutboundWindow<Delivery>(undefined, memory);
  }

  /** Sends a message for the first time; at QoS 1 and 2 there must be room in the window. */
  send(delivery: Delivery, connection: Connection): void {
    const { qos } = delivery;
    if (qos === 0) {
      if (!this.#sendPacket(delivery, connection, undefined, false)) this.#drops.add('tooLarge', 1);
      return;
    }
    const isKept = this.#session.isDurable;
    const packetId = this.window.open(isKept ? delivery : undefined, qos);
    if (isKept) {
      const { journal } = this.#core;
      journal.markSent(connection, this.#session, packetId, delivery as KeptDelivery);
    }
    this.#sendOrAbandon(delivery, connection, packetId, false);
  }

  /** Sends again what an earlier connection left unfinished; false if there is nothing. */
  resend(connection: Connection): boolean {
    const entry = this.window.takeResend();
    if (entry === undefined) return false;
    const { message: delivery, packetId } = entry;
    if (entry.stage === 'pubrel') {
      connection.send({ type: 'pubrel', packetId, reasonCode: 0, properties: {} });
    } else if (delivery !== undefined) {
      this.#sendOrAbandon(delivery, connection, packetId, true);
    }
    return true;
  }

  /**
   * Sends a retained message to a new subscriber as it is kept; false if it has to be looked at.
   * That takes a third of what it takes with a packet made of it.
   */
  sendRetained(message: KeptMessage, replay: RetainedReplay, connection: Connection): boolean {
    const { level, output, terms } = connection;
    const { wireBytes } = message;
    if (wireBytes === undefined || terms.topicAliasesOutMax > 0) return false;
    const qos = Math.min(message.qos, replay.subscription.qos) as QoS;
    if (qos > 0 && this.#session.isDurable) return false;
    const section = level === 5 ? replay.section : NO_PROPERTY_BYTES;
    if (retainedFrameBytes(wireBytes, qos, section) > terms.packetBytesMax) return false;
    const packetId = qos === 0 ? 0 : this.window.open(undefined, qos);
    writeRetainedFrame(output, wireBytes, { qos, section, packetId });
    this.#core.counters.messagesSent += 1;
    output.noteMessage();
    return true;
  }

  /** Whether frames may go out as such: the client knows no aliases, and has room for them. */
  takesFrames(parcel: RunParcel, { level, terms }: Connection): boolean {
    if (terms.topicAliasesOutMax > 0 || !parcel.isPlain(level === 5)) return false;
    return parcel.frameBytesMax(parcel.section(level === 5)) <= terms.packetBytesMax;
  }

  /** Sends all frames at QoS 0. @param shared where they are put if others get them too. */
  sendRun(parcel: RunParcel, connection: Connection, shared: SharedSlab | undefined): void {
    const { level, output } = connection;
    const { count } = parcel.run;
    const section = parcel.section(level === 5);
    if (shared !== undefined && parcel.isCommon(section)) parcel.share(output, section, shared);
    else if (parcel.isVerbatim(section)) parcel.copy(output, 0, count, this);
    else for (let index = 0; index < count; index += 1) parcel.write(output, section, index, this);
    this.#core.counters.messagesSent += count;
  }

  /**
   * Sends frames from `from` on, as far as the window and the output have room; returns the first
   * that is left. They must be such as the client takes.
   */
  sendFrames(parcel: RunParcel, connection: Connection, from: number, to: number): number {
    const { output } = connection;
    const section = parcel.section(connection.level === 5);
    const most = parcel.qos === 0 ? to : Math.min(to, from + this.window.room);
    let next = from;
    if (parcel.isVerbatim(section)) {
      next = parcel.run.fitting(from, most, output.room);
      if (next > from) parcel.copy(output, from, next, this);
    } else {
      for (; next < most && !output.isFull; next += 1) parcel.write(output, section, next, this);
    }
    this.#core.counters.messagesSent += next - from;
    return next;
  }

  /** Takes the packet id under which a frame goes out. */
  openFrame(parcel: RunParcel, index: number): number {
    const delivery = this.#session.isDurable ? parcel.delivery(index) : undefined;
    return this.window.open(delivery, parcel.qos === 1 ? 1 : 2);
  }

  #sendOrAbandon(
    delivery: Delivery,
    connection: Connection,
    packetId: number,
    isDuplicate: boolean,
  ): void {
    if (this.#sendPacket(delivery, connection, packetId, isDuplicate)) return;
    // Too large for the client: as if it had been delivered [MQTT-3.1.2-25].
    this.window.abandon(packetId);
    this.#core.journal.mark(this.#session, 'acked', packetId);
    this.#drops.add('tooLarge', 1);
  }

  #sendPacket(
    delivery: Delivery,
    connection: Connection,
    packetId: number | undefined,
    isDuplicate: boolean,
  ): boolean {
    const nowMs = this.#core.ports.nowMs();
    const attempt = { level: connection.level, packetId, isDuplicate, nowMs };
    return connection.sendPublish(deliveryPacket(delivery, attempt));
  }
}

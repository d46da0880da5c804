import { assert } from '../base/assert.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { Peer } from './outbound-window.ts';
import { PacketIdTable } from './packet-id-table.ts';

/** What a held id is marked with: on which connection its PUBLISH came. */
const CAME_EARLIER = 1;
const CAME_HERE = 2;

/**
 * The receiving side of QoS 1 and 2 (section 4.3), with the Receive Maximum that it announced
 * (section 4.9): exactly once for QoS 2.
 *
 * The life of a QoS 2 id: unknown -> PUBLISH -> held -> PUBREL -> unknown. A held id outlives the
 * connection [MQTT-4.3.3-10]; a QoS 1 id is open only until its PUBACK is sent, and belongs to the
 * connection.
 */
export class InboundWindow {
  /**
   * Ids between PUBLISH and PUBREL, whatever connection they came on: no more than there are. Made
   * by the first of them.
   */
  #held: PacketIdTable | undefined = undefined;
  /** Those whose PUBLISH came on this connection: with `#openCount`, at most `#receiveMaximum`. */
  #currentCount = 0;
  /** QoS 1 messages whose PUBACK has not been sent. */
  #openCount = 0;
  readonly #receiveMaximum: number;

  /** @param receiveMaximum 1..65_535, as announced to the peer. */
  constructor(receiveMaximum: number) {
    this.#receiveMaximum = receiveMaximum;
  }

  /** QoS 2 ids that wait for their PUBREL. */
  get heldCount(): number {
    return this.#held?.size ?? 0;
  }

  /** How many more messages the peer may send before it gets an ack. */
  get room(): number {
    return this.#receiveMaximum - this.#currentCount - this.#openCount;
  }

  /** How many QoS 2 messages came on this connection, and wait for their PUBREL. */
  get currentCount(): number {
    return this.#currentCount;
  }

  /** Whether a QoS 2 message that came on this connection has the id, which names no other. */
  isInUse(packetId: number): boolean {
    return this.#currentCount > 0 && this.#held?.markOf(packetId) === CAME_HERE;
  }

  /** Whether a QoS 2 message holds the id, whatever connection it came on: it comes again. */
  isHeld(packetId: number): boolean {
    return this.#markOf(packetId) !== 0;
  }

  /**
   * Starts a connection: what the old one left half-acknowledged at QoS 1 comes again, and the
   * sender's quota is whole again whatever is held (section 4.9).
   */
  connect(): void {
    this.#openCount = 0;
    this.#currentCount = 0;
    this.#held?.markAll(CAME_EARLIER);
  }

  /** A QoS 1 PUBLISH came. @throws ProtocolError if it is one too many [MQTT-3.3.4-7]. */
  openQos1(from: Peer): void {
    this.#requireRoom(from);
    this.#openCount += 1;
  }

  /** Its PUBACK goes out, on the connection on which it came. */
  closeQos1(): void {
    assert(this.#openCount > 0, 'each PUBACK answers one PUBLISH');
    this.#openCount -= 1;
  }

  /**
   * A QoS 2 PUBLISH came: `new` is to be passed on, `repeat` only to be answered again, whatever
   * its DUP flag says [MQTT-4.3.3-10]. @throws ProtocolError if it is one too many [MQTT-3.3.4-7].
   */
  onQos2(packetId: number, from: Peer): 'new' | 'repeat' {
    const mark = this.#markOf(packetId);
    if (mark !== CAME_HERE) {
      this.#requireRoom(from);
      this.#mark(packetId, CAME_HERE);
      this.#currentCount += 1;
    }
    return mark === 0 ? 'new' : 'repeat';
  }

  /** A new QoS 2 message came, for which there is room: from now on it is held. */
  hold(packetId: number): void {
    assert(this.room > 0 && !this.isHeld(packetId), 'callers ask before they take a message');
    this.#mark(packetId, CAME_HERE);
    this.#currentCount += 1;
  }

  /** The id was held before the broker was started: its message came on an earlier connection. */
  restore(packetId: number): void {
    this.#mark(packetId, CAME_EARLIER);
  }

  /** The message was refused with PUBREC 0x80 or above: its id is free again [MQTT-4.3.3-9]. */
  refuse(packetId: number): void {
    this.onPubrel(packetId);
  }

  /** PUBREL came: the id is free again [MQTT-4.3.3-12]. False if it was not held. */
  onPubrel(packetId: number): boolean {
    const mark = this.#held?.delete(packetId) ?? 0;
    if (mark === CAME_HERE) this.#currentCount -= 1;
    return mark !== 0;
  }

  #markOf(packetId: number): number {
    return this.#held?.markOf(packetId) ?? 0;
  }

  #mark(packetId: number, mark: number): void {
    this.#held ??= new PacketIdTable();
    this.#held.set(packetId, mark);
  }

  #requireRoom(from: Peer): void {
    if (this.room > 0) return;
    const message = `more than ${this.#receiveMaximum} messages are in flight`;
    const { level, side } = from;
    throw new ProtocolError('receive-maximum', message, { level, subjects: [side] });
  }
}

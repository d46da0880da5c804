import { ProtocolError } from '../codec/protocol-error.ts';
import type { Peer } from './outbound-window.ts';

/**
 * The receiving side of QoS 1 and 2 (section 4.3), with the Receive Maximum that it announced
 * (section 4.9): exactly once for QoS 2.
 *
 * The life of a QoS 2 id: unknown -> PUBLISH -> held -> PUBREL -> unknown. A held id outlives the
 * connection [MQTT-4.3.3-10]; a QoS 1 id is open only until its PUBACK is sent, and belongs to the
 * connection.
 */
export class InboundWindow {
  /** Ids between PUBLISH and PUBREL: with `#openCount`, at most `#receiveMaximum` of them. */
  readonly #held = new Set<number>();
  /** QoS 1 messages whose PUBACK has not been sent. */
  #openCount = 0;
  readonly #receiveMaximum: number;

  /** @param receiveMaximum 1..65_535, as announced to the peer. */
  constructor(receiveMaximum: number) {
    this.#receiveMaximum = receiveMaximum;
  }

  /** QoS 2 ids that wait for their PUBREL. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** Starts a connection: what the old one left half-acknowledged at QoS 1 comes again. */
  connect(): void {
    this.#openCount = 0;
  }

  /** A QoS 1 PUBLISH came. @throws ProtocolError if it is one too many [MQTT-3.3.4-7]. */
  openQos1(from: Peer): void {
    this.#requireRoom(from);
    this.#openCount += 1;
  }

  /** Its PUBACK goes out. */
  closeQos1(): void {
    this.#openCount -= 1;
  }

  /**
   * A QoS 2 PUBLISH came: `new` is to be passed on, `repeat` only to be answered again, whatever its
   * DUP flag says [MQTT-4.3.3-10]. @throws ProtocolError if it is one too many [MQTT-3.3.4-7].
   */
  onQos2(packetId: number, from: Peer): 'new' | 'repeat' {
    if (this.#held.has(packetId)) return 'repeat';
    this.#requireRoom(from);
    this.#held.add(packetId);
    return 'new';
  }

  /** The message was refused with PUBREC 0x80 or above: its id is free again [MQTT-4.3.3-9]. */
  refuse(packetId: number): void {
    this.#held.delete(packetId);
  }

  /** PUBREL came: the id is free again [MQTT-4.3.3-12]. False if it was not held. */
  onPubrel(packetId: number): boolean {
    return this.#held.delete(packetId);
  }

  #requireRoom(from: Peer): void {
    if (this.#held.size + this.#openCount < this.#receiveMaximum) return;
    const message = `more than ${this.#receiveMaximum} messages are in flight`;
    const { level, side } = from;
    throw new ProtocolError('receive-maximum', message, { level, subjects: [side] });
  }
}

import { assert } from '../base/assert.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { isFailure, type SenderSide } from '../codec/reason-code.ts';
import { PacketIds } from './packet-ids.ts';

/** A message with QoS 1 or 2 that was sent, and that the receiver has not finished. */
export interface Unfinished<M> {
  readonly packetId: number;
  readonly qos: 1 | 2;
  /** Undefined once only the id matters: after PUBREC, and for a sender that never re-sends. */
  message: M | undefined;
  /** What the sender repeats after a reconnect: PUBLISH until PUBREC, then PUBREL. */
  stage: 'publish' | 'pubrel';
  /** Whether `stage` has been sent on the present connection, and so counts against its quota. */
  isSent: boolean;
}

/**
 * The sending side of QoS 1 and 2 (sections 4.3 and 4.4), with its send quota (section 4.9).
 *
 * The life of an id:
 *
 *     free -> open -> PUBLISH -> PUBACK -> free                    (QoS 1)
 *     free -> open -> PUBLISH -> PUBREC -> PUBREL -> PUBCOMP -> free   (QoS 2)
 *
 * A PUBREC of 0x80 or above ends it early [MQTT-4.4.0-2]. What is unfinished outlives the
 * connection: it goes out again in its original order [MQTT-4.6.0-1], within the new quota.
 */
export class OutboundWindow<M> {
  readonly ids: PacketIds;
  /** In the order in which they were opened. */
  readonly #unfinished = new Map<number, Unfinished<M>>();
  /** Two walks over them, once a connection each: PUBRELs go first. What is opened is sent. */
  #releases: IterableIterator<Unfinished<M>> = this.#unfinished.values();
  #resends: IterableIterator<Unfinished<M>> = this.#unfinished.values();
  #quotaMax = 65_535;
  /** How many are sent on this connection: more than the quota only by repeated PUBRELs. */
  #sentCount = 0;

  /** @param ids shared with whatever else this side numbers: a client's SUBSCRIBE, say. */
  constructor(ids: PacketIds = new PacketIds()) {
    this.ids = ids;
  }

  /** How many are unfinished, sent on this connection or not yet. */
  get size(): number {
    return this.#unfinished.size;
  }

  /** Whether one more message may be opened now [MQTT-4.9.0-2]: not before all repeats are out. */
  get hasRoom(): boolean {
    if (this.hasResends || this.ids.isExhausted) return false;
    return this.#unfinished.size < this.#quotaMax;
  }

  /** Starts a connection: nothing has been sent on it. @param quotaMax 1..65_535. */
  connect(quotaMax: number): void {
    this.#quotaMax = quotaMax;
    this.#sentCount = 0;
    for (const entry of this.#unfinished.values()) entry.isSent = false;
    this.#releases = this.#unfinished.values();
    this.#resends = this.#unfinished.values();
  }

  /** Takes the next id for a message, which counts as sent now. There must be room. */
  open(message: M | undefined, qos: 1 | 2): number {
    assert(this.hasRoom, 'callers ask before they open');
    const packetId = this.ids.take();
    this.#unfinished.set(packetId, { packetId, qos, message, stage: 'publish', isSent: true });
    this.#sentCount += 1;
    return packetId;
  }

  /**
   * The next one to repeat on this connection; undefined if there is none, or no quota is left.
   * PUBRELs come first and wait for no quota, which delays PUBLISH alone [MQTT-3.3.4-8]: they free
   * what the receiver holds, and count as sent, so that it never holds more than it announced.
   */
  takeResend(): Unfinished<M> | undefined {
    const release = this.#nextUnsent(this.#releases, 'pubrel');
    if (release !== undefined || this.#sentCount >= this.#quotaMax) return release;
    return this.#nextUnsent(this.#resends, 'publish');
  }

  /** Whether something opened on an earlier connection still waits to be repeated on this one. */
  get hasResends(): boolean {
    return this.#sentCount < this.#unfinished.size;
  }

  /** PUBACK: the message is done. Returns whose; undefined for an id that is not open. */
  onPuback(packetId: number, from: Peer): Unfinished<M> | undefined {
    const entry = this.#entry(packetId, 1, 'PUBACK', from);
    if (entry !== undefined) this.#finish(entry);
    return entry;
  }

  /**
   * PUBREC: `release` asks for PUBREL [MQTT-4.3.3-4], `refused` ends the message, `unknown` is for
   * an id that is not open, which 5.0 answers with PUBREL 0x92 and older versions with a plain one.
   */
  onPubrec(packetId: number, reasonCode: number, from: Peer): 'release' | 'refused' | 'unknown' {
    const entry = this.#entry(packetId, 2, 'PUBREC', from);
    if (entry === undefined) return 'unknown';
    if (isFailure(reasonCode) && entry.stage === 'publish') {
      this.#finish(entry);
      return 'refused';
    }
    this.#countAsSent(entry);
    entry.stage = 'pubrel';
    entry.message = undefined; // Never sent again [MQTT-4.3.3-6].
    return 'release';
  }

  /**
   * PUBCOMP: the message is done. Returns whose; undefined for an id that is not open.
   *
   * @throws ProtocolError if it comes before PUBREC, which alone ends a PUBLISH [MQTT-4.3.3-3].
   */
  onPubcomp(packetId: number, from: Peer): Unfinished<M> | undefined {
    const entry = this.#entry(packetId, 2, 'PUBCOMP', from);
    if (entry?.stage === 'publish') {
      throw wrongAck(`PUBCOMP for packet id ${packetId}, which waits for PUBREC`, from);
    }
    if (entry !== undefined) this.#finish(entry);
    return entry;
  }

  /** What was sent under this id, until it is finished. */
  find(packetId: number): Unfinished<M> | undefined {
    return this.#unfinished.get(packetId);
  }

  /** Gives a message up that never left: too large for the peer, or expired before it went out. */
  abandon(packetId: number): void {
    const entry = this.#unfinished.get(packetId);
    if (entry !== undefined) this.#finish(entry);
  }

  /** All that is unfinished, in the order in which it was opened. */
  entries(): IterableIterator<Unfinished<M>> {
    return this.#unfinished.values();
  }

  /** The entry that an ack means. @throws ProtocolError if it was opened for the other QoS. */
  #entry(packetId: number, qos: 1 | 2, ack: string, from: Peer): Unfinished<M> | undefined {
    const entry = this.#unfinished.get(packetId);
    if (entry === undefined || entry.qos === qos) return entry;
    throw wrongAck(`${ack} for packet id ${packetId}, which was sent with QoS ${entry.qos}`, from);
  }

  #nextUnsent(
    walk: IterableIterator<Unfinished<M>>,
    stage: Unfinished<M>['stage'],
  ): Unfinished<M> | undefined {
    if (!this.hasResends) return undefined;
    for (let next = walk.next(); next.done !== true; next = walk.next()) {
      const entry = next.value;
      if (entry.isSent || entry.stage !== stage) continue;
      this.#countAsSent(entry);
      return entry;
    }
    return undefined;
  }

  #countAsSent(entry: Unfinished<M>): void {
    if (!entry.isSent) this.#sentCount += 1;
    entry.isSent = true;
  }

  #finish(entry: Unfinished<M>): void {
    this.#unfinished.delete(entry.packetId);
    this.ids.free(entry.packetId);
    if (entry.isSent) this.#sentCount -= 1;
  }
}

/** Who sent a packet, and by which version's rules. */
export interface Peer {
  readonly side: SenderSide;
  readonly level: ProtocolLevel;
}

function wrongAck(message: string, from: Peer): ProtocolError {
  return new ProtocolError('wrong-ack', message, { level: from.level, subjects: [from.side] });
}

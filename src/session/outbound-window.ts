import { assert } from '../base/assert.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { isFailure, type SenderSide } from '../codec/reason-code.ts';
import type { Keeper } from './keeper.ts';
import { PacketIds } from './packet-ids.ts';

/** A message with QoS 1 or 2 that was sent, may have to be repeated, and is not finished. */
export interface Unfinished<M> {
  readonly packetId: number;
  readonly qos: 1 | 2;
  /** Undefined once only the id matters: after PUBREC. */
  message: M | undefined;
  /** What the sender repeats after a reconnect: PUBLISH until PUBREC, then PUBREL. */
  stage: 'publish' | 'pubrel';
  /** Whether `stage` has been sent on the present connection, and so counts against its quota. */
  isSent: boolean;
}

/** What an id is in use for: the next ack that it waits for. Ids of SUBSCRIBE have a lower mark. */
const AWAITS_PUBACK = 2;
const AWAITS_PUBREC = 3;
const AWAITS_PUBCOMP = 4;

/**
 * The sending side of QoS 1 and 2 (sections 4.3 and 4.4), with its send quota (section 4.9).
 *
 * The life of an id:
 *
 *     free -> open -> PUBLISH -> PUBACK -> free                    (QoS 1)
 *     free -> open -> PUBLISH -> PUBREC -> PUBREL -> PUBCOMP -> free   (QoS 2)
 *
 * A PUBREC of 0x80 or above ends it early [MQTT-4.4.0-2]. What is unfinished outlives the
 * connection: it goes out again in its original order [MQTT-4.6.0-1], within the new quota. A
 * sender whose session ends with its connection keeps no messages: of them only the id is held, in
 * a table of numbers.
 */
export class OutboundWindow<M> {
  readonly ids: PacketIds;
  /** All that are open, kept or not. */
  #size = 0;
  /** Those that may have to be repeated, in the order in which they were opened. */
  #kept: Map<number, Unfinished<M>> | undefined = undefined;
  /** Two walks over them, once a connection each: PUBRELs go first. What is opened is sent. */
  #releases: Iterator<Unfinished<M>, undefined> | undefined = undefined;
  #resends: Iterator<Unfinished<M>, undefined> | undefined = undefined;
  #quotaMax = 65_535;
  /** How many of those that are kept wait to be repeated on this connection. */
  #unsentCount = 0;

  readonly #keeper: Keeper<M> | undefined;

  /**
   * @param ids shared with whatever else this side numbers: a client's SUBSCRIBE, say.
   * @param keeper hears of the messages that are kept.
   */
  constructor(ids: PacketIds = new PacketIds(), keeper?: Keeper<M>) {
    this.ids = ids;
    this.#keeper = keeper;
  }

  /** How many are unfinished, sent on this connection or not yet. */
  get size(): number {
    return this.#size;
  }

  /** How many more may be opened now [MQTT-4.9.0-2]: none before all repeats are out. */
  get room(): number {
    if (this.#unsentCount > 0 || this.ids.isExhausted) return 0;
    return Math.max(0, this.#quotaMax - this.#size);
  }

  /** Whether one more message may be opened now. */
  get hasRoom(): boolean {
    return this.room > 0;
  }

  /** Starts a connection: nothing has been sent on it. @param quotaMax 1..65_535. */
  connect(quotaMax: number): void {
    const kept = this.#kept;
    assert(this.#size === (kept?.size ?? 0), 'who keeps no messages has one connection alone');
    this.#quotaMax = quotaMax;
    if (kept === undefined) return;
    this.#unsentCount = kept.size;
    for (const entry of kept.values()) entry.isSent = false;
    this.#releases = kept.values();
    this.#resends = kept.values();
  }

  /**
   * Takes the next id for a message, which counts as sent now. There must be room.
   *
   * @param message undefined for a sender that never repeats one.
   */
  open(message: M | undefined, qos: 1 | 2): number {
    assert(this.#size < this.#quotaMax && this.#unsentCount === 0, 'callers ask before they open');
    const packetId = this.ids.take(qos === 1 ? AWAITS_PUBACK : AWAITS_PUBREC);
    this.#size += 1;
    if (message !== undefined) {
      this.#kept ??= new Map();
      this.#kept.set(packetId, { packetId, qos, message, stage: 'publish', isSent: true });
      this.#keeper?.onKept(message);
    }
    return packetId;
  }

  /** One was open when the sender ended, behind those restored before: it is to be repeated. */
  restore(entry: Unfinished<M>): void {
    const { message, packetId, qos, stage } = entry;
    const unanswered = qos === 1 ? AWAITS_PUBACK : AWAITS_PUBREC;
    this.ids.restore(packetId, stage === 'pubrel' ? AWAITS_PUBCOMP : unanswered);
    this.#size += 1;
    this.#kept ??= new Map();
    this.#kept.set(packetId, { ...entry });
    if (message !== undefined) this.#keeper?.onKept(message);
  }

  /**
   * The next one to repeat on this connection; undefined if there is none, or no quota is left.
   * PUBRELs come first and wait for no quota, which delays PUBLISH alone [MQTT-3.3.4-8]: they free
   * what the receiver holds, and count as sent, so that it never holds more than it announced.
   */
  takeResend(): Unfinished<M> | undefined {
    if (this.#unsentCount === 0) return undefined;
    const release = this.#nextUnsent(this.#releases, 'pubrel');
    const isFull = this.#size - this.#unsentCount >= this.#quotaMax;
    if (release !== undefined || isFull) return release;
    return this.#nextUnsent(this.#resends, 'publish');
  }

  /** Whether something opened on an earlier connection still waits to be repeated on this one. */
  get hasResends(): boolean {
    return this.#unsentCount > 0;
  }

  /** PUBACK: the message is done. False for an id that is not open. */
  onPuback(packetId: number, from: Peer): boolean {
    if (this.takePuback(packetId)) return true;
    const mark = this.ids.markOf(packetId);
    if (mark > AWAITS_PUBACK) throw wrongQos('PUBACK', packetId, mark, from);
    return false;
  }

  /**
   * PUBREC: `release` asks for PUBREL [MQTT-4.3.3-4], `refused` ends the message, `unknown` is for
   * an id that is not open, which 5.0 answers with PUBREL 0x92 and older versions with a plain one.
   */
  onPubrec(packetId: number, reasonCode: number, from: Peer): 'release' | 'refused' | 'unknown' {
    const mark = this.ids.markOf(packetId);
    if (mark === AWAITS_PUBACK) throw wrongQos('PUBREC', packetId, mark, from);
    if (isFailure(reasonCode) && mark === AWAITS_PUBREC) {
      this.#finish(packetId);
      return 'refused';
    }
    return this.takePubrec(packetId) ? 'release' : 'unknown';
  }

  /**
   * PUBCOMP: the message is done. False for an id that is not open.
   *
   * @throws ProtocolError if it comes before PUBREC, which alone ends a PUBLISH [MQTT-4.3.3-3].
   */
  onPubcomp(packetId: number, from: Peer): boolean {
    if (this.takePubcomp(packetId)) return true;
    const mark = this.ids.markOf(packetId);
    if (mark === AWAITS_PUBACK) throw wrongQos('PUBCOMP', packetId, mark, from);
    if (mark !== AWAITS_PUBREC) return false;
    throw wrongAck(`PUBCOMP for packet id ${packetId}, which waits for PUBREC`, from);
  }

  /** PUBACK where it is due: the message is done. False where it is not: nothing has changed. */
  takePuback(packetId: number): boolean {
    if (this.ids.markOf(packetId) !== AWAITS_PUBACK) return false;
    this.#finish(packetId);
    return true;
  }

  /** The same for PUBREC that does not refuse, for the first time or again: PUBREL is due. */
  takePubrec(packetId: number): boolean {
    const mark = this.ids.markOf(packetId);
    if (mark !== AWAITS_PUBREC && mark !== AWAITS_PUBCOMP) return false;
    this.ids.remark(packetId, AWAITS_PUBCOMP);
    const entry = this.#kept?.get(packetId);
    if (entry === undefined) return true;
    this.#countAsSent(entry);
    entry.stage = 'pubrel';
    this.#giveUpMessage(entry); // Never sent again [MQTT-4.3.3-6].
    return true;
  }

  /** The same for PUBCOMP. */
  takePubcomp(packetId: number): boolean {
    if (this.ids.markOf(packetId) !== AWAITS_PUBCOMP) return false;
    this.#finish(packetId);
    return true;
  }

  /** Gives a message up that never left: too large for the peer, or expired before it went out. */
  abandon(packetId: number): void {
    if (this.ids.markOf(packetId) >= AWAITS_PUBACK) this.#finish(packetId);
  }

  /** Gives up all that is kept: nothing more is sent. */
  clear(): void {
    for (const packetId of [...(this.#kept?.keys() ?? [])]) this.#finish(packetId);
  }

  /** All that may have to be repeated, in the order in which it was opened. */
  entries(): Iterable<Unfinished<M>> {
    return this.#kept?.values() ?? [];
  }

  #nextUnsent(
    walk: Iterator<Unfinished<M>, undefined> | undefined,
    stage: Unfinished<M>['stage'],
  ): Unfinished<M> | undefined {
    if (walk === undefined || this.#unsentCount === 0) return undefined;
    for (let next = walk.next(); next.done !== true; next = walk.next()) {
      const entry = next.value;
      if (entry.isSent || entry.stage !== stage) continue;
      this.#countAsSent(entry);
      return entry;
    }
    return undefined;
  }

  #countAsSent(entry: Unfinished<M>): void {
    if (!entry.isSent) this.#unsentCount -= 1;
    entry.isSent = true;
  }

  #giveUpMessage(entry: Unfinished<M>): void {
    const { message } = entry;
    entry.message = undefined;
    if (message !== undefined) this.#keeper?.onGivenUp(message);
  }

  #finish(packetId: number): void {
    this.ids.free(packetId);
    this.#size -= 1;
    const entry = this.#kept?.get(packetId);
    if (entry === undefined) return;
    this.#countAsSent(entry);
    this.#kept?.delete(packetId);
    this.#giveUpMessage(entry);
  }
}

/** Who sent a packet, and by which version's rules. */
export interface Peer {
  readonly side: SenderSide;
  readonly level: ProtocolLevel;
}

function wrongQos(ack: string, packetId: number, mark: number, from: Peer): ProtocolError {
  const qos = mark === AWAITS_PUBACK ? 1 : 2;
  return wrongAck(`${ack} for packet id ${packetId}, which was sent with QoS ${qos}`, from);
}

function wrongAck(message: string, from: Peer): ProtocolError {
  return new ProtocolError('wrong-ack', message, { level: from.level, subjects: [from.side] });
}

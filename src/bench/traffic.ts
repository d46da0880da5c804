import { assert } from '../base/assert.ts';
import type { BenchLink } from './bench-link.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import { Histogram } from './histogram.ts';
import { Publisher, type PublisherHost, type PublisherParts } from './publisher.ts';
import { Schedule } from './schedule.ts';
import { Subscriber, type SubscriberHost } from './subscriber.ts';

/** What traffic asks of its surroundings. */
export interface BenchClock {
  /** Milliseconds from some moment, with their fractions; never goes back. */
  nowMs(): number;
  /** Calls back once, when all that has arrived in this turn of the event loop is dealt with. */
  atTurnEnd(callback: () => void): void;
  /** Calls back once it is `atMs`, or a little later, and never from within this call. */
  setAlarm(atMs: number, onDue: () => void): void;
}

/** How much is sent, and how fast. */
export interface Pace {
  /** Messages in all; Infinity until `stop`. */
  readonly count: number;
  /** Messages a second in all, on a schedule that waits for nobody; undefined: all that goes. */
  readonly rate: number | undefined;
}

export interface TrafficSetup {
  readonly clock: BenchClock;
  readonly ledger: DeliveryLedger;
  /** How many deliveries one message makes. */
  readonly fan: number;
  /** Bytes of a payload. */
  readonly payloadBytes: number;
  /** Messages that may have been sent and not delivered, where there is no rate. */
  readonly aheadMax: number;
}

/** Closer to a message's moment than this a timer is too coarse: the event loop turns and turns. */
const SPIN_MS = 2;
/** Without a delivery for so long, what was sent before is waited for no more. */
const STALL_MS = 1000;

/**
 * All publishers and subscribers of a run, and what they send and get. Latency counts from when a
 * message was due: with a rate that is its place in the schedule, however late it could be sent;
 * without one, the moment of sending.
 */
export class Traffic implements PublisherHost, SubscriberHost {
  readonly ledger: DeliveryLedger;
  readonly payloadBytes: number;
  latency = new Histogram();
  /** Microseconds from due to sent; empty where there is no rate. */
  lateness = new Histogram();
  /** Messages sent since the beginning. */
  sentCount = 0;
  /** Messages that wait for PUBACK or PUBCOMP. */
  inFlightCount = 0;
  /** Acks of ids that were not in use. */
  strayAckCount = 0;
  /** When something came, or was given up. */
  lastProgressMs = 0;
  readonly #clock: BenchClock;
  readonly #fan: number;
  readonly #aheadMax: number;
  readonly #publishers: Publisher[] = [];
  /** Who may have something to send, in turn. */
  #ready: Publisher[] = [];
  /** Who could send if more had been delivered. */
  #starved: Publisher[] = [];
  readonly #onTurnEnd = () => this.#turn();
  #isTurnDue = false;
  #schedule: Schedule | undefined = undefined;
  /** Messages of the present pace. */
  #count = 0;
  /** Where the counts stood when it began: of all, and by publisher. */
  #sentBefore = 0;
  #sentBeforeBy: number[] = [];
  /** How many messages of the schedule have made their publishers ready. */
  #announced = 0;
  #isStopped = true;
  /** Deliveries that are waited for no more. */
  #writtenOff = 0;

  constructor({ aheadMax, clock, fan, ledger, payloadBytes }: TrafficSetup) {
    this.ledger = ledger;
    this.payloadBytes = payloadBytes;
    this.#clock = clock;
    this.#fan = fan;
    this.#aheadMax = aheadMax;
  }

  /** Whether all that was to be sent is sent, acknowledged and, but for what is lost, delivered. */
  get isDone(): boolean {
    const isSent = this.sentCount - this.#sentBefore >= this.#count;
    return isSent && this.inFlightCount === 0 && this.#missing <= 0;
  }

  /** Makes a link publish. */
  addPublisher(parts: PublisherParts): void {
    const publisher = new Publisher(this, this.#publishers.length, parts);
    this.#publishers.push(publisher);
    parts.link.role = publisher;
  }

  /** Makes a link receive. */
  addSubscriber(link: BenchLink, index: number): void {
    link.role = new Subscriber(this, index);
  }

  /** Begins to send, and to measure times anew. What was sent before should have been `isDone`. */
  start({ count, rate }: Pace): void {
    const nowMs = this.#clock.nowMs();
    this.latency = new Histogram();
    this.lateness = new Histogram();
    this.lastProgressMs = nowMs;
    this.#announced = 0;
    this.#count = count;
    this.#sentBefore = this.sentCount;
    this.#sentBeforeBy = this.#publishers.map(({ sentCount }) => sentCount);
    this.#isStopped = false;
    if (rate !== undefined) {
      this.#schedule = new Schedule(nowMs, rate);
      this.#followSchedule(this.#schedule);
      return;
    }
    this.#schedule = undefined;
    for (const publisher of this.#publishers) this.onReady(publisher);
  }

  /** Sends no more but what a schedule has made due by now. */
  stop(): void {
    const sent = this.sentCount - this.#sentBefore;
    const due = this.#schedule?.dueCount(this.#clock.nowMs()) ?? sent;
    this.#count = Math.min(this.#count, due);
    this.#isStopped = true;
  }

  /** To be called now and then: gives up what does not come, so that the rest is not held up. */
  onTick(nowMs: number): void {
    if (this.#starved.length === 0 || nowMs - this.lastProgressMs < STALL_MS) return;
    this.#writtenOff += this.#missing;
    this.lastProgressMs = nowMs;
    this.#feedStarved();
  }

  nowUs(): number {
    return (this.#clock.nowMs() * 1000) >>> 0;
  }

  onReady(publisher: Publisher): void {
    if (publisher.isQueued) return;
    publisher.isQueued = true;
    this.#ready.push(publisher);
    this.#awaitTurn();
  }

  onAcked(): void {
    this.inFlightCount -= 1;
  }

  onStrayAck(): void {
    this.strayAckCount += 1;
  }

  onDelivered(): void {
    this.lastProgressMs = this.#clock.nowMs();
    if (this.#starved.length > 0) this.#feedStarved();
  }

  /** Deliveries that are still waited for; below 0 if some came that were not. */
  get #missing(): number {
    return this.sentCount * this.#fan - this.ledger.settledCount - this.#writtenOff;
  }

  /** How many messages may be sent before more is delivered. */
  get #credit(): number {
    if (this.#schedule !== undefined || this.#fan === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(this.#aheadMax - this.#missing / this.#fan);
  }

  #feedStarved(): void {
    if (this.#credit <= 0) return;
    const starved = this.#starved;
    this.#starved = [];
    for (const publisher of starved) {
      publisher.isQueued = false;
      this.onReady(publisher);
    }
  }

  #awaitTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#clock.atTurnEnd(this.#onTurnEnd);
  }

  /** Lets each that is ready send once, so that none takes all of the turn. */
  #turn(): void {
    this.#isTurnDue = false;
    const ready = this.#ready;
    this.#ready = [];
    const nowMs = this.#clock.nowMs();
    for (const publisher of ready) {
      publisher.isQueued = false;
      this.#pump(publisher, nowMs);
    }
  }

  #pump(publisher: Publisher, nowMs: number): void {
    const wanted = Math.min(publisher.room, this.#unsentOf(publisher, nowMs));
    if (wanted <= 0) return;
    const count = Math.min(wanted, this.#credit);
    if (count <= 0) {
      publisher.isQueued = true;
      this.#starved.push(publisher);
      return;
    }
    this.#send(publisher, count, nowMs);
    // Another turn for nothing would be another system call.
    if (publisher.room > 0 && this.#unsentOf(publisher, nowMs) > 0) this.onReady(publisher);
  }

  #send(publisher: Publisher, count: number, nowMs: number): void {
    const before = publisher.inFlightCount;
    if (this.#schedule === undefined) publisher.send(count, nowMs, 0);
    else {
      const stride = this.#publishers.length;
      const first = this.#sentOf(publisher) * stride + publisher.index;
      const dueMs = this.#schedule.dueMs(first);
      const stepMs = this.#schedule.dueMs(first + stride) - dueMs;
      for (let index = 0; index < count; index += 1) {
        const lateMs = Math.max(0, nowMs - dueMs - index * stepMs);
        this.lateness.record((lateMs * 1000) >>> 0);
      }
      publisher.send(count, dueMs, stepMs);
    }
    this.sentCount += count;
    this.inFlightCount += publisher.inFlightCount - before;
  }

  #sentOf(publisher: Publisher): number {
    return publisher.sentCount - (this.#sentBeforeBy[publisher.index] ?? 0);
  }

  /** How many messages a publisher has to send now: message k is that of publisher k % count. */
  #unsentOf(publisher: Publisher, nowMs: number): number {
    if (this.#schedule === undefined && this.#isStopped) return 0;
    const due = this.#schedule?.dueCount(nowMs) ?? this.#count;
    const share = (Math.min(due, this.#count) - 1 - publisher.index) / this.#publishers.length;
    return Math.floor(share) + 1 - this.#sentOf(publisher);
  }

  /** Sends what has become due, and comes back for what is next. */
  #followSchedule(schedule: Schedule): void {
    if (this.#schedule !== schedule || this.#announced >= this.#count) return;
    this.#announceDue(schedule);
    this.#turn();
    const again = () => this.#followSchedule(schedule);
    const nextMs = schedule.dueMs(this.#announced);
    if (nextMs - this.#clock.nowMs() <= SPIN_MS) this.#clock.atTurnEnd(again);
    else this.#clock.setAlarm(nextMs - SPIN_MS, again);
  }

  /** Makes those ready whose messages have become due: each at most once. */
  #announceDue(schedule: Schedule): void {
    const stride = this.#publishers.length;
    const due = Math.min(schedule.dueCount(this.#clock.nowMs()), this.#count);
    const last = Math.min(due, this.#announced + stride);
    for (let message = this.#announced; message < last; message += 1) {
      const publisher = this.#publishers[message % stride];
      assert(publisher !== undefined, 'who sends on a schedule has publishers');
      this.onReady(publisher);
    }
    this.#announced = due;
  }
}

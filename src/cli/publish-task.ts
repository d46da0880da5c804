import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import { ackRefused } from '../client/client-errors.ts';
import type { Publication, PublishOutcome } from '../client/publication.ts';
import type { QoS } from '../codec/packet.ts';
import { isFailure } from '../codec/reason-code.ts';
import type { ClientTask } from './client-run.ts';
import type { Platform } from './platform.ts';

/** Messages as they become available, so that nothing waits in memory. */
export type Messages = AsyncIterable<Iterable<Publication>>;

/** How fast to send, and how much at a time. */
export interface PublishPace {
  /** Messages with QoS 1 or 2 that are not answered, at most. */
  readonly inFlightMax: number;
  /** From the delivery of one batch to the next one; 0 for none. */
  readonly batchDelayMs: number;
  /** Messages in a second, evenly spaced; Infinity for as fast as it goes. */
  readonly perSecond: number;
  /** Whether nothing more is sent once a message was refused. */
  readonly stopsOnRefusal: boolean;
}

/** Who hears what becomes of the messages. */
export interface PublishWatcher {
  /** The broker does not take a message; the others go on. */
  onRefused(error: CallerError): void;
  /** There are no messages to be had from the source; nothing more is sent. */
  onFault(error: unknown): void;
  /** A message is written (QoS 0), or answered, refused or not. */
  onSettled?(publication: Publication, outcome: PublishOutcome, ms: number): void;
}

/** What a run has come to. */
export interface PublishTally {
  /** Handed to the connection, refused ones included. */
  readonly sentCount: number;
  /** Written (QoS 0), or answered. */
  readonly doneCount: number;
  /** Of QoS 0, and on their way when a connection was lost. */
  readonly lostCount: number;
  /** Whether anything went out that nobody acknowledges. */
  readonly hasQos0: boolean;
  /** Whether a message is under way, or none could be sent although one was to be. */
  readonly hasWorkLeft: boolean;
  readonly inFlightCount: number;
}

/** Sends messages, as fast as the broker takes them, over as many connections as that takes. */
export class PublishTask implements ClientTask {
  readonly meanwhile = undefined;
  readonly #messages: Messages;
  readonly #pace: PublishPace;
  readonly #watcher: PublishWatcher;
  readonly #platform: Pick<Platform, 'nowMs' | 'setAlarm'>;
  #connection: ClientConnection | undefined = undefined;
  #hasBegun = false;
  #sentCount = 0;
  #doneCount = 0;
  #lostCount = 0;
  #inFlight = 0;
  /** Of those in flight, the ones with QoS 0 that have not left this process. */
  #unwritten = 0;
  /** What a broker has forgotten with its session: to be sent before anything new. */
  readonly #forgotten: Publication[] = [];
  #highestQos: QoS = 0;
  #hasQos0 = false;
  #isSourceDry = false;
  #isStopped = false;
  /** A refusal has ended it: what is in flight is waited for, and no more is sent. */
  #isCut = false;
  /** Wakes those who wait for room, or for time. */
  readonly #waiting: (() => void)[] = [];
  #firstMs = 0;
  #lastDoneMs = 0;

  constructor(
    messages: Messages,
    pace: PublishPace,
    watcher: PublishWatcher,
    platform: Pick<Platform, 'nowMs' | 'setAlarm'>,
  ) {
    this.#messages = messages;
    this.#pace = pace;
    this.#watcher = watcher;
    this.#platform = platform;
  }

  get tally(): PublishTally {
    const wasIdle = this.#sentCount === 0 && !this.#isSourceDry;
    return {
      sentCount: this.#sentCount,
      doneCount: this.#doneCount,
      lostCount: this.#lostCount,
      hasQos0: this.#hasQos0,
      hasWorkLeft: wasIdle || this.#doneCount < this.#sentCount,
      inFlightCount: this.#inFlight,
    };
  }

  get isDone(): boolean {
    return this.#isSourceDry && this.#inFlight === 0 && this.#forgotten.length === 0;
  }

  start(connection: ClientConnection): void {
    this.#connection = connection;
    const work = this.#hasBegun ? this.#sendForgotten() : this.#pump();
    this.#hasBegun = true;
    work.catch((error: unknown) => {
      this.#watcher.onFault(error);
      this.#connection?.end();
    });
  }

  /** What has QoS 0 and had not left is lost: nobody sends it again. */
  onLost(): void {
    this.#inFlight -= this.#unwritten;
    this.#lostCount += this.#unwritten;
    this.#unwritten = 0;
  }

  /** Nobody sends anything to one who has not subscribed: it is acknowledged, and that is all. */
  onMessage(message: { take(): void }): void {
    message.take();
  }

  onDrained(): void {
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  progress(): string {
    if (this.#inFlight === 0) return this.#isSourceDry ? 'the broker' : 'messages to send';
    const ack = this.#highestQos === 2 ? 'PUBCOMP' : 'PUBACK';
    const count = `${this.#doneCount} of ${this.#sentCount}`;
    return this.#hasQos0 ? `the broker: ${count} written` : `${ack}: ${count} acknowledged`;
  }

  async #pump(): Promise<void> {
    for await (const batch of this.#messages) {
      if (this.#sentCount > 0) await this.#delivery();
      await this.#sendBatch(batch);
      if (this.#isStopped) return;
      if (this.#isCut) break;
    }
    this.#isSourceDry = true;
    this.#endWhenDone();
  }

  async #sendBatch(batch: Iterable<Publication>): Promise<void> {
    for (const publication of batch) {
      if (this.#pace.perSecond !== Number.POSITIVE_INFINITY) await this.#turn();
      if (!this.#mayGo(publication.qos)) await this.#until(() => this.#mayGo(publication.qos));
      if (this.#isStopped || this.#isCut) return;
      this.#publish(publication);
    }
  }

  /** What the broker has forgotten goes first, in its order. */
  async #sendForgotten(): Promise<void> {
    this.#wake();
    const connection = this.#connection;
    for (let next = this.#forgotten[0]; next !== undefined; next = this.#forgotten[0]) {
      const { qos } = next;
      await this.#until(() => this.#hasRoom(qos) || this.#connection !== connection);
      // A later connection has its own go at them.
      if (this.#isStopped || this.#connection !== connection) return;
      if (this.#isCut) this.#forgotten.length = 0;
      if (this.#forgotten.shift() === undefined) break;
      this.#sentCount -= 1;
      this.#publish(next);
    }
    this.#wake();
    this.#endWhenDone();
  }

  #mayGo(qos: QoS): boolean {
    return this.#forgotten.length === 0 && this.#hasRoom(qos);
  }

  #hasRoom(qos: QoS): boolean {
    const isFree = qos === 0 || this.#inFlight < this.#pace.inFlightMax;
    return isFree && this.#connection?.hasRoom(qos) === true;
  }

  /** Waits for the messages before to be delivered, and then for as long as the pace says. */
  async #delivery(): Promise<void> {
    const { batchDelayMs } = this.#pace;
    if (batchDelayMs === 0) return;
    await this.#until(() => this.#inFlight === 0 && this.#forgotten.length === 0);
    await this.#time(this.#lastDoneMs + batchDelayMs);
  }

  /** Waits for the next message's place in the schedule. */
  async #turn(): Promise<void> {
    const { perSecond } = this.#pace;
    if (this.#sentCount === 0) this.#firstMs = this.#platform.nowMs();
    await this.#time(this.#firstMs + (this.#sentCount * 1000) / perSecond);
  }

  async #time(atMs: number): Promise<void> {
    if (this.#platform.nowMs() >= atMs) return;
    const cancel = this.#platform.setAlarm(atMs, () => this.#wake());
    await this.#until(() => this.#platform.nowMs() >= atMs);
    cancel();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue() && !this.#isStopped && !this.#isCut) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #publish(publication: Publication): void {
    const { qos } = publication;
    const sentMs = this.#platform.nowMs();
    this.#sentCount += 1;
    try {
      this.#connection?.publish(publication, (outcome) =>
        this.#onDone(publication, outcome, sentMs),
      );
    } catch (error) {
      // The broker has said that it takes no such message: it is one refusal among others.
      if (!(error instanceof CallerError)) throw error;
      this.#doneCount += 1;
      this.#refuse(error);
      return;
    }
    if (qos === 0) {
      this.#hasQos0 = true;
      this.#unwritten += 1;
    }
    if (qos > this.#highestQos) this.#highestQos = qos;
    this.#inFlight += 1;
  }

  #onDone(publication: Publication, outcome: PublishOutcome, sentMs: number): void {
    const { qos, topicName } = publication;
    this.#inFlight -= 1;
    if (outcome.kind === 'forgotten') {
      this.#forgotten.push(publication);
      return;
    }
    if (qos === 0) this.#unwritten -= 1;
    this.#doneCount += 1;
    this.#lastDoneMs = this.#platform.nowMs();
    this.#watcher.onSettled?.(publication, outcome, this.#lastDoneMs - sentMs);
    if (outcome.kind === 'answered' && isFailure(outcome.reasonCode)) {
      const what = `publish to ${quoteText(topicName)}`;
      const ack = qos === 1 ? 'puback' : 'pubrec';
      this.#refuse(ackRefused(what, ack, outcome.reasonCode, outcome.reasonString));
    }
    this.#wake();
    this.#endWhenDone();
  }

  #refuse(error: CallerError): void {
    if (this.#pace.stopsOnRefusal) this.#isCut = true;
    this.#watcher.onRefused(error);
  }

  #endWhenDone(): void {
    if (this.isDone) this.#connection?.end();
  }
}

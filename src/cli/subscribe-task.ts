import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import { ackRefused } from '../client/client-errors.ts';
import type { IncomingMessage } from '../client/publication.ts';
import type { RequestAnswer } from '../client/request-flow.ts';
import type { PublishPacket, SubscriptionRequest } from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import { isFailure } from '../codec/reason-code.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import { topicMatches } from '../topic/topic-matches.ts';
import type { TopicName } from '../topic/topic-name.ts';
import type { ClientTask } from './client-run.ts';
import type { Cancel, Platform } from './platform.ts';
import { type Arrival, type MessageForm, renderMessage } from './render-message.ts';
import { RetainedRemoval } from './retained-removal.ts';
import { RetainedSweep } from './retained-sweep.ts';
import { WallClock } from './wall-clock.ts';
import type { WhereCondition } from './where-condition.ts';

/** What a run is to show, and how long. */
export interface SubscribeOrder {
  /** None where filters are only to be unsubscribed from. */
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly properties: PropertiesOf<'subscribe'>;
  readonly unsubscriptions: readonly string[];
  readonly unsubscribeProperties: PropertiesOf<'unsubscribe'>;
  readonly form: MessageForm;
  /** How many messages to show; undefined for all that come. */
  readonly countMax: number | undefined;
  /** When to end by itself; undefined for never. */
  readonly durationMs: number | undefined;
  readonly hidesRetained: boolean;
  /** Topics of messages that are not shown. */
  readonly filtersOut: readonly TopicFilter[];
  /** What is asked of messages; others are not shown. */
  readonly condition: Pick<WhereCondition, 'holds'> | undefined;
  /** The share of messages that is shown: above 0, at most 1. */
  readonly share: number;
  readonly endsAfterSubscribe: boolean;
  /** Retained messages alone: how long none may have come for all to be there. */
  readonly settleMs: number | undefined;
  /** Whether retained messages are deleted, or their topics only named. */
  readonly removal: 'none' | 'delete' | 'name';
}

/** Who hears what goes wrong while a run goes on. */
export interface SubscribeWatcher {
  /** The broker does not take a filter, or a message that was to delete another. */
  onRefused(error: CallerError): void;
  /** A message cannot be shown as it was asked for. */
  onUnshown(what: string): void;
}

/** What a run has shown. */
export interface SubscribeTally {
  readonly count: number;
  readonly bytes: number;
  readonly firstUs: number | undefined;
  readonly lastUs: number | undefined;
}

/** Subscribes, and prints what comes. */
export class SubscribeTask implements ClientTask {
  readonly #order: SubscribeOrder;
  readonly #platform: Platform;
  readonly #clock: WallClock;
  readonly #watcher: SubscribeWatcher;
  readonly #startedMs: number;
  readonly #retained: RetainedSweep | undefined;
  readonly #removal: RetainedRemoval;
  #connection: ClientConnection | undefined = undefined;
  #hasBegun = false;
  #isSubscribed = false;
  #isStopped = false;
  /** Whether it is to end once what is under way is done. */
  #isEnding = false;
  /** Messages on their way to standard output, and those that have left. */
  #shownCount = 0;
  #printedCount = 0;
  #bytes = 0;
  #firstUs: number | undefined = undefined;
  #lastUs: number | undefined = undefined;
  #isPaused = false;
  readonly #cancelDuration: Cancel;

  constructor(order: SubscribeOrder, platform: Platform, watcher: SubscribeWatcher) {
    this.#order = order;
    this.#platform = platform;
    this.#clock = new WallClock(platform);
    this.#watcher = watcher;
    this.#startedMs = platform.nowMs();
    const { durationMs, settleMs } = order;
    const end = () => this.#finish();
    this.#retained =
      settleMs === undefined ? undefined : new RetainedSweep(settleMs, platform, end);
    const onIdle = () => this.#endWhenDone();
    this.#removal = new RetainedRemoval((error) => watcher.onRefused(error), onIdle);
    this.#cancelDuration =
      durationMs === undefined ? () => {} : platform.setAlarm(this.#startedMs + durationMs, end);
  }

  get tally(): SubscribeTally {
    const [firstUs, lastUs] = [this.#firstUs, this.#lastUs];
    return { count: this.#printedCount, bytes: this.#bytes, firstUs, lastUs };
  }

  get isDone(): boolean {
    const isPrinted = this.#printedCount === this.#shownCount && this.#removal.isIdle;
    return isPrinted && (this.#isEnding || this.#printedCount === this.#order.countMax);
  }

  get meanwhile(): string {
    return 'messages sent meanwhile are lost (-c -i ID keeps them)';
  }

  start(connection: ClientConnection, { isSessionPresent }: { isSessionPresent: boolean }): void {
    this.#connection = connection;
    // What waited for standard output may have left while nobody could be told.
    if (this.isDone) {
      connection.end();
      return;
    }
    if (this.#isPaused) connection.pause();
    this.#removal.connect(connection);
    // A session that an earlier process left may have other filters: only our own is trusted.
    const isThere = this.#hasBegun && this.#isSubscribed && isSessionPresent;
    this.#hasBegun = true;
    if (isThere) return;
    const { subscriptions, unsubscriptions } = this.#order;
    if (subscriptions.length > 0) this.#subscribe(connection);
    if (unsubscriptions.length > 0) this.#unsubscribe(connection);
  }

  #subscribe(connection: ClientConnection): void {
    // Before 5.0 there are none: who has asked for any does not get there.
    const properties = connection.level === 5 ? this.#order.properties : NO_PROPERTIES;
    try {
      connection.subscribe(this.#subscriptions(connection), properties, (answer) =>
        this.#onAnswer(answer),
      );
    } catch (error) {
      // The broker has said that it has no such subscriptions.
      if (!(error instanceof CallerError)) throw error;
      this.#watcher.onRefused(error);
      connection.end();
    }
  }

  #unsubscribe(connection: ClientConnection): void {
    const { subscriptions, unsubscribeProperties, unsubscriptions } = this.#order;
    const properties = connection.level === 5 ? unsubscribeProperties : NO_PROPERTIES;
    connection.unsubscribe(unsubscriptions, properties, ({ reasonCodes, reasonString }) => {
      for (const [index, code] of reasonCodes.entries()) {
        const what = `unsubscription from ${quoteText(unsubscriptions[index] ?? '')}`;
        if (isFailure(code)) {
          this.#watcher.onRefused(ackRefused(what, 'unsuback', code, reasonString));
        }
      }
      if (subscriptions.length === 0) this.#finish();
    });
  }

  onMessage(message: IncomingMessage): void {
    const { countMax } = this.#order;
    // One that is not shown is not taken: a session that lasts keeps it.
    if (this.#isStopped || this.#isEnding || this.#shownCount === countMax) return;
    const { isRetained } = message.packet;
    if (this.#retained !== undefined && !isRetained) this.#finish();
    else if (this.#isWanted(message.packet)) this.#show(message);
    else this.#pass(message);
    if (isRetained) this.#retained?.onRetained();
  }

  /** Not shown, but deleted where it is hidden only because it is retained. */
  #pass(message: IncomingMessage): void {
    const { hidesRetained, removal } = this.#order;
    const { isRetained, topicName } = message.packet;
    message.take();
    if (!isRetained || !hidesRetained || removal !== 'delete') return;
    if (!this.#isLeftOut(message.packet)) this.#removal.add(topicName);
  }

  #isWanted(packet: PublishPacket): boolean {
    const { hidesRetained, removal, share } = this.#order;
    if (hidesRetained && packet.isRetained && removal !== 'name') return false;
    if (this.#isLeftOut(packet)) return false;
    return share === 1 || this.#platform.randomBytes(4).readUInt32LE() < share * 2 ** 32;
  }

  #isLeftOut(packet: PublishPacket): boolean {
    const { condition, filtersOut } = this.#order;
    // What a server sends is a name: the reader has refused anything else.
    const topicName = packet.topicName as TopicName;
    if (filtersOut.some((filter) => topicMatches(filter, topicName))) return true;
    return condition?.holds(packet) === false;
  }

  #show(message: IncomingMessage): void {
    const nowMs = this.#platform.nowMs();
    const monoUs = Math.round((nowMs - this.#startedMs) * 1000);
    const arrival = { monoUs, wallUs: this.#clock.atUs(nowMs) };
    this.#shownCount += 1;
    const bytes = this.#render(message.packet, arrival);
    this.#firstUs ??= arrival.wallUs;
    this.#lastUs = arrival.wallUs;
    this.#bytes += message.packet.payload.length;
    const { isRetained, payload, topicName } = message.packet;
    const isRemovable = isRetained && payload.length > 0;
    const onPrinted = () => this.#onPrinted(message, isRemovable ? topicName : undefined);
    if (bytes.length === 0) onPrinted();
    else if (!this.#platform.print(bytes, onPrinted)) this.#pause();
  }

  #render(packet: PublishPacket, arrival: Arrival): Buffer {
    const { form, removal } = this.#order;
    if (removal === 'name' && packet.isRetained) return Buffer.from(`${packet.topicName}\n`);
    try {
      return renderMessage(packet, form, arrival, (what) => this.#watcher.onUnshown(what));
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      this.#watcher.onUnshown(error.message);
      return Buffer.alloc(0);
    }
  }

  onDrained(): void {
    this.#removal.resume();
  }

  /** Shows nothing more, and acknowledges nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelDuration();
    this.#retained?.stop();
  }

  progress(): string {
    if (!this.#isSubscribed) return 'SUBACK';
    const { countMax } = this.#order;
    const count = countMax === undefined ? '' : ` of ${countMax}`;
    return `messages: ${this.#printedCount}${count} received`;
  }

  #onAnswer({ reasonCodes, reasonString }: RequestAnswer): void {
    this.#isSubscribed = true;
    const { subscriptions } = this.#order;
    for (const [index, code] of reasonCodes.entries()) {
      if (!isFailure(code)) continue;
      const what = `subscription to ${quoteText(subscriptions[index]?.topicFilter ?? '')}`;
      this.#watcher.onRefused(ackRefused(what, 'suback', code, reasonString));
    }
    if (reasonCodes.every(isFailure) || this.#order.endsAfterSubscribe) this.#finish();
    else if (this.#connection !== undefined) this.#retained?.onSubscribed(this.#connection);
  }

  /** Before 5.0 nobody can be asked to leave retained messages out: they are only not shown. */
  #subscriptions({ level }: ClientConnection): readonly SubscriptionRequest[] {
    const { subscriptions } = this.#order;
    if (level === 5) return subscriptions;
    return subscriptions.map((request) => ({ ...request, retainHandling: 0 }));
  }

  /** The message has left the process: only now is it safe to acknowledge, and to delete. */
  #onPrinted(message: IncomingMessage, removableTopic: string | undefined): void {
    this.#printedCount += 1;
    if (this.#isStopped) return;
    message.take();
    if (removableTopic !== undefined && this.#order.removal === 'delete') {
      this.#removal.add(removableTopic);
    }
    this.#endWhenDone();
  }

  /** Takes nothing more, and ends once what was taken is printed, and deleted where it is to be. */
  #finish(): void {
    this.#isEnding = true;
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.isDone) this.#connection?.end();
  }

  /** Standard output is backed up: the broker has to wait. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#connection?.pause();
    void this.#platform.whenPrinted().then(() => {
      this.#isPaused = false;
      if (this.#connection?.isOver === false) this.#connection.resume();
    });
  }
}

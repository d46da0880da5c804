import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import { ackRefused } from '../client/client-errors.ts';
import type { IncomingMessage } from '../client/publication.ts';
import type { RequestAnswer } from '../client/request-flow.ts';
import type { SubscriptionRequest } from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import { isFailure } from '../codec/reason-code.ts';
import type { ClientTask } from './client-run.ts';
import type { Platform } from './platform.ts';
import { type MessageForm, renderMessage } from './render-message.ts';
import { WallClock } from './wall-clock.ts';

/** What a run is to show, and how long. */
export interface SubscribeOrder {
  /** At least one. */
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly properties: PropertiesOf<'subscribe'>;
  readonly form: MessageForm;
  /** How many messages to show; undefined for all that come. */
  readonly countMax: number | undefined;
  readonly hidesRetained: boolean;
}

/** Subscribes, and prints what comes. */
export class SubscribeTask implements ClientTask {
  readonly #order: SubscribeOrder;
  readonly #platform: Platform;
  readonly #clock: WallClock;
  readonly #onRefused: (error: CallerError) => void;
  readonly #startedMs: number;
  #connection: ClientConnection | undefined = undefined;
  #hasBegun = false;
  #isSubscribed = false;
  #isStopped = false;
  /** Messages on their way to standard output, and those that have left. */
  #shownCount = 0;
  #printedCount = 0;
  #isPaused = false;

  /** @param onRefused hears of each filter that the broker does not take. */
  constructor(order: SubscribeOrder, platform: Platform, onRefused: (error: CallerError) => void) {
    this.#order = order;
    this.#platform = platform;
    this.#clock = new WallClock(platform);
    this.#onRefused = onRefused;
    this.#startedMs = platform.nowMs();
  }

  get isDone(): boolean {
    return this.#printedCount === this.#order.countMax;
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
    // A session that an earlier process left may have other filters: only our own is trusted.
    const isThere = this.#hasBegun && this.#isSubscribed && isSessionPresent;
    this.#hasBegun = true;
    if (!isThere) this.#subscribe(connection);
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
      this.#onRefused(error);
      connection.end();
    }
  }

  onMessage(message: IncomingMessage): void {
    const { countMax, form, hidesRetained } = this.#order;
    // One that is not shown is not taken: a session that lasts keeps it.
    if (this.#isStopped || this.#shownCount === countMax) return;
    if (hidesRetained && message.packet.isRetained) {
      message.take();
      return;
    }
    this.#shownCount += 1;
    const nowMs = this.#platform.nowMs();
    const monoUs = Math.round((nowMs - this.#startedMs) * 1000);
    const arrival = { monoUs, wallUs: this.#clock.atUs(nowMs) };
    const bytes = renderMessage(message.packet, form, arrival);
    if (bytes.length === 0) this.#onPrinted(message);
    else if (!this.#platform.print(bytes, () => this.#onPrinted(message))) this.#pause();
  }

  onDrained(): void {}

  /** Shows nothing more, and acknowledges nothing more. */
  stop(): void {
    this.#isStopped = true;
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
      this.#onRefused(ackRefused(what, 'suback', code, reasonString));
    }
    if (reasonCodes.every(isFailure)) this.#connection?.end();
  }

  /** Before 5.0 nobody can be asked to leave retained messages out: they are only not shown. */
  #subscriptions({ level }: ClientConnection): readonly SubscriptionRequest[] {
    const { subscriptions } = this.#order;
    if (level === 5) return subscriptions;
    return subscriptions.map((request) => ({ ...request, retainHandling: 0 }));
  }

  /** The message has left the process: only now is it safe to acknowledge. */
  #onPrinted(message: IncomingMessage): void {
    this.#printedCount += 1;
    if (this.#isStopped) return;
    message.take();
    if (this.#printedCount === this.#order.countMax) this.#connection?.end();
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

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import { ackRefused } from '../client/client-errors.ts';
import type { PublishOutcome } from '../client/publication.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { isFailure } from '../codec/reason-code.ts';

const IN_FLIGHT_MAX = 20;

/** Deletes retained messages: an empty one takes the place of each (section 3.3.1.3). */
export class RetainedRemoval {
  readonly #onRefused: (error: CallerError) => void;
  readonly #onIdle: () => void;
  #connection: ClientConnection | undefined = undefined;
  #inFlight = 0;
  /** Topics whose turn has not come. */
  readonly #waiting: string[] = [];

  constructor(onRefused: (error: CallerError) => void, onIdle: () => void) {
    this.#onRefused = onRefused;
    this.#onIdle = onIdle;
  }

  /** Whether nothing is left to do. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#waiting.length === 0;
  }

  /** There is a connection to do it on; after a loss, another. */
  connect(connection: ClientConnection): void {
    this.#connection = connection;
    this.resume();
  }

  add(topicName: string): void {
    this.#waiting.push(topicName);
    this.resume();
  }

  /** There may be room again. */
  resume(): void {
    while (this.#inFlight < IN_FLIGHT_MAX && this.#connection?.hasRoom(1) === true) {
      const topicName = this.#waiting.shift();
      if (topicName === undefined) return;
      this.#remove(this.#connection, topicName);
    }
  }

  #remove(connection: ClientConnection, topicName: string): void {
    const message = { topicName, payload: Buffer.alloc(0), qos: 1, isRetained: true } as const;
    try {
      connection.publish({ ...message, properties: NO_PROPERTIES }, (outcome) =>
        this.#onDone(topicName, outcome),
      );
      this.#inFlight += 1;
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      this.#onRefused(error);
    }
  }

  #onDone(topicName: string, outcome: PublishOutcome): void {
    this.#inFlight -= 1;
    if (outcome.kind === 'forgotten') this.#waiting.unshift(topicName);
    if (outcome.kind === 'answered' && isFailure(outcome.reasonCode)) {
      const what = `deletion of what is retained on ${quoteText(topicName)}`;
      const { reasonCode, reasonString } = outcome;
      this.#onRefused(ackRefused(what, 'puback', reasonCode, reasonString));
    }
    this.resume();
    if (this.isIdle) this.#onIdle();
  }
}

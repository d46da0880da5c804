import type { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import { ackRefused } from '../client/client-errors.ts';
import type { Publication, PublishOutcome } from '../client/publication.ts';
import type { QoS } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { isFailure } from '../codec/reason-code.ts';
import type { ClientTask } from './client-run.ts';
import type { Payloads } from './message-source.ts';

/** Messages with QoS 1 or 2 that are not answered, at most. */
const IN_FLIGHT_MAX = 20;

/** Where each message goes to. */
export interface PublishTarget {
  readonly topicName: string;
  readonly qos: QoS;
}

/** What a run has come to. */
export interface PublishTally {
  /** Handed to the connection, refused ones included. */
  readonly sentCount: number;
  /** Written (QoS 0), or answered. */
  readonly doneCount: number;
  /** Whether anything went out that nobody acknowledges. */
  readonly hasQos0: boolean;
  /** Whether a message is under way, or none could be sent although one was to be. */
  readonly hasWorkLeft: boolean;
}

/** Sends each message to each target, as fast as the broker takes them. */
export class PublishTask implements ClientTask {
  readonly #payloads: Payloads;
  readonly #targets: readonly PublishTarget[];
  readonly #isRetained: boolean;
  readonly #onRefused: (error: CallerError) => void;
  readonly #onFault: (error: unknown) => void;
  #connection: ClientConnection | undefined = undefined;
  #sentCount = 0;
  #doneCount = 0;
  #inFlight = 0;
  #hasQos0 = false;
  #isSourceDry = false;
  #isStopped = false;
  /** Wakes the one who waits for room. */
  #onRoom: () => void = () => {};

  /**
   * @param onRefused hears of each message that the broker does not take; the others go on.
   * @param onFault hears that the source cannot be read; nothing more is sent.
   */
  constructor(
    payloads: Payloads,
    how: { readonly targets: readonly PublishTarget[]; readonly isRetained: boolean },
    onRefused: (error: CallerError) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#payloads = payloads;
    this.#targets = how.targets;
    this.#isRetained = how.isRetained;
    this.#onRefused = onRefused;
    this.#onFault = onFault;
  }

  get tally(): PublishTally {
    const wasIdle = this.#sentCount === 0 && !this.#isSourceDry;
    return {
      sentCount: this.#sentCount,
      doneCount: this.#doneCount,
      hasQos0: this.#hasQos0,
      hasWorkLeft: wasIdle || this.#doneCount < this.#sentCount,
    };
  }

  start(connection: ClientConnection): void {
    this.#connection = connection;
    this.#pump(connection).catch((error: unknown) => {
      this.#onFault(error);
      connection.end();
    });
  }

  /** Nobody sends anything to one who has not subscribed: it is acknowledged, and that is all. */
  onMessage(message: { take(): void }): void {
    message.take();
  }

  onDrained(): void {
    this.#onRoom();
  }

  stop(): void {
    this.#isStopped = true;
    this.#onRoom();
  }

  progress(): string {
    if (this.#inFlight === 0) return 'standard input';
    const ack = this.#targets.some(({ qos }) => qos === 2) ? 'PUBCOMP' : 'PUBACK';
    const count = `${this.#doneCount} of ${this.#sentCount}`;
    return this.#hasQos0 ? `the broker: ${count} written` : `${ack}: ${count} acknowledged`;
  }

  async #pump(connection: ClientConnection): Promise<void> {
    for await (const batch of this.#payloads) {
      for (const payload of batch) {
        for (const target of this.#targets) {
          if (!this.#hasRoom(target.qos)) await this.#room(target.qos);
          if (this.#isStopped) return;
          this.#publish(connection, payload, target);
        }
      }
    }
    this.#isSourceDry = true;
    this.#endWhenDone();
  }

  #hasRoom(qos: QoS): boolean {
    const isFree = qos === 0 || this.#inFlight < IN_FLIGHT_MAX;
    return isFree && this.#connection?.hasRoom(qos) === true;
  }

  async #room(qos: QoS): Promise<void> {
    while (!this.#hasRoom(qos) && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  #publish(connection: ClientConnection, payload: Buffer, { qos, topicName }: PublishTarget): void {
    const isRetained = this.#isRetained;
    const properties = NO_PROPERTIES;
    const publication: Publication = { topicName, payload, qos, isRetained, properties };
    this.#sentCount += 1;
    try {
      connection.publish(publication, (outcome) => this.#onDone(publication, outcome));
    } catch (error) {
      // The broker has said that it takes no such message: it is one refusal among others.
      if (!(error instanceof CallerError)) throw error;
      this.#doneCount += 1;
      this.#onRefused(error);
      return;
    }
    if (qos === 0) this.#hasQos0 = true;
    this.#inFlight += 1;
  }

  #onDone({ qos, topicName }: Publication, outcome: PublishOutcome): void {
    this.#inFlight -= 1;
    if (outcome.kind === 'forgotten') return;
    this.#doneCount += 1;
    if (outcome.kind === 'answered' && isFailure(outcome.reasonCode)) {
      const what = `publish to ${quoteText(topicName)}`;
      const ack = qos === 1 ? 'puback' : 'pubrec';
      this.#onRefused(ackRefused(what, ack, outcome.reasonCode, outcome.reasonString));
    }
    this.#onRoom();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#isSourceDry && this.#inFlight === 0) this.#connection?.end();
  }
}

import { naiveMatches } from '../support/naive-matcher.ts';
import type { ModelMessage } from './model-message.ts';
import type { ModelSession, ModelSubscription } from './model-session.ts';

/** Retained messages on their way to a new subscription: one for each topic. */
export interface Replay {
  readonly subscription: ModelSubscription;
  /** Topics whose message has to come, as it is by then. */
  readonly wanted: Set<string>;
  /** Topics whose message may come: they have got one, or lost it, since. */
  readonly optional: Set<string>;
  /** Topics whose message has come, and that have had one ever since. */
  readonly given: Set<string>;
  /** The subscription has ended, or begun anew, in this step. */
  isStopped: boolean;
}

/** The last retained message of each topic. */
export class ModelRetained {
  readonly #byTopic = new Map<string, ModelMessage>();
  /** Those that were replaced or cleared in this step: what was sent before may still be seen. */
  #recent: ModelMessage[] = [];

  get topics(): string[] {
    return [...this.#byTopic.keys()];
  }

  get size(): number {
    return this.#byTopic.size;
  }

  find(topicName: string, nowMs: number): ModelMessage | undefined {
    const message = this.#byTopic.get(topicName);
    return message !== undefined && message.expiresAtMs > nowMs ? message : undefined;
  }

  /** How many are there that have not expired. */
  liveCount(nowMs: number): number {
    return this.topics.filter((topicName) => this.find(topicName, nowMs) !== undefined).length;
  }

  /** Keeps a message, or clears the topic with an empty one [MQTT-3.3.1-6]. */
  keep(message: ModelMessage, sessions: Iterable<ModelSession>): void {
    const { text, topicName } = message;
    const before = this.#byTopic.get(topicName);
    if (before !== undefined) this.#recent.push(before);
    if (text === '') this.#byTopic.delete(topicName);
    else this.#byTopic.set(topicName, message);
    const wasThere = before !== undefined && before.expiresAtMs > message.sentAtMs;
    for (const { replays } of sessions) {
      for (const { replay } of replays) {
        if (naiveMatches(replay.subscription.filter, topicName)) {
          follow(replay, message, wasThere);
        }
      }
    }
  }

  /** What a new subscription is to get. */
  replayFor(subscription: ModelSubscription, nowMs: number): Replay {
    const wanted = new Set<string>();
    for (const topicName of this.topics) {
      const isThere = this.find(topicName, nowMs) !== undefined;
      if (isThere && naiveMatches(subscription.filter, topicName)) wanted.add(topicName);
    }
    return { ...noReplay(subscription), wanted };
  }

  /** The message with this text, if the topic has it, or had it at some time in this step. */
  findCurrent(topicName: string, text: string, nowMs: number): ModelMessage | undefined {
    const now = this.find(topicName, nowMs);
    if (now?.text === text) return now;
    return this.#recent.find((old) => old.topicName === topicName && old.text === text);
  }

  /** All that a topic holds, or has held in this step. */
  valuesOf(topicName: string, nowMs: number): ModelMessage[] {
    const now = this.find(topicName, nowMs) ?? [];
    return this.#recent.filter((old) => old.topicName === topicName).concat(now);
  }

  endStep(): void {
    if (this.#recent.length > 0) this.#recent = [];
  }
}

/** A replay of which nothing has to come. */
export function noReplay(subscription: ModelSubscription): Replay {
  const [wanted, optional, given] = [new Set<string>(), new Set<string>(), new Set<string>()];
  return { subscription, wanted, optional, given, isStopped: false };
}

/** A topic that has lost its message may get another: nobody has to be told of that one. */
function follow(replay: Replay, { text, topicName }: ModelMessage, wasThere: boolean): void {
  const { given, optional, wanted } = replay;
  if (text === '' || !wasThere) {
    given.delete(topicName);
    if (wanted.delete(topicName)) optional.add(topicName);
  }
  if (text !== '' && !wanted.has(topicName) && !given.has(topicName)) optional.add(topicName);
}

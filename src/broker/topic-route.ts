import type { TopicName } from '../topic/topic-name.ts';
import { CachedTopic } from './route-cache.ts';
import type { RouteTarget } from './route-target.ts';
import type { SharedTurn } from './shared-turn.ts';

/** Who gets the messages of a topic. */
export interface Route {
  /** One for each client, whatever it has of subscriptions that match. */
  readonly targets: readonly RouteTarget[];
  /** One member of each group gets a message. */
  readonly turns: readonly SharedTurn[];
}

const NO_TARGETS: readonly RouteTarget[] = [];
const NO_TURNS: readonly SharedTurn[] = [];

/**
 * The same, kept until subscriptions change. As few objects as can be: where topics come in turn,
 * each one that a message touches has to be fetched from memory.
 */
export class TopicRoute extends CachedTopic implements Route {
  readonly targets: readonly RouteTarget[];
  readonly turns: readonly SharedTurn[];
  /** Whether its messages go to the same subscribers whoever sends them, and are taken at all. */
  readonly isPlain: boolean;
  /** Whether anybody subscribes. */
  readonly isMatched: boolean;
  /**
   * Whether a client may get a message twice, as a member of a group and otherwise: then each
   * message goes to all before the next one.
   */
  readonly isMixed: boolean;

  /** @param isTaken whether the broker takes messages to the topic. */
  constructor(topicName: TopicName, { targets, turns }: Route, isTaken: boolean) {
    super(topicName);
    const [first = undefined] = targets;
    this.targets = targets.length === 1 && first !== undefined ? first.alone : targets;
    if (targets.length === 0) this.targets = NO_TARGETS;
    this.turns = turns.length === 0 ? NO_TURNS : turns;
    const count = targets.length + turns.length;
    this.isPlain = isTaken && targets.every((target) => !target.isNoLocal);
    this.isMatched = count > 0;
    this.isMixed = turns.length > 0 && count > 1;
  }
}

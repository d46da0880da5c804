import type { SharedGroup } from '../topic/subscription-trie.ts';
import type { TopicName } from '../topic/topic-name.ts';
import type { ClientSession } from './client-session.ts';
import { CachedTopic } from './route-cache.ts';
import type { RouteTarget } from './route-target.ts';

/** Who shares the messages of a filter. */
export type Group = SharedGroup<ClientSession, RouteTarget>;

/** Who gets the messages of a topic. */
export interface Route {
  /** One for each client, whatever it has of subscriptions that match. */
  readonly targets: readonly RouteTarget[];
  /** One member of each gets a message. */
  readonly groups: readonly Group[];
}

const NO_TARGETS: readonly RouteTarget[] = [];
const NO_GROUPS: readonly Group[] = [];

/**
 * The same, kept until subscriptions change. As few objects as can be: where topics come in turn,
 * each one that a message touches has to be fetched from memory.
 */
export class TopicRoute extends CachedTopic implements Route {
  readonly targets: readonly RouteTarget[];
  readonly groups: readonly Group[];
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
  constructor(topicName: TopicName, { groups, targets }: Route, isTaken: boolean) {
    super(topicName);
    const [first = undefined] = targets;
    this.targets = targets.length === 1 && first !== undefined ? first.alone : targets;
    if (targets.length === 0) this.targets = NO_TARGETS;
    this.groups = groups.length === 0 ? NO_GROUPS : groups;
    const count = targets.length + groups.length;
    this.isPlain = isTaken && targets.every((target) => !target.isNoLocal);
    this.isMatched = count > 0;
    this.isMixed = groups.length > 0 && count > 1;
  }
}

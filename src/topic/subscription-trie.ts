import { assert } from '../base/assert.ts';
import { LeanMap } from './lean-map.ts';
import { type LevelNode, LevelTree } from './level-tree.ts';
import type { SubscriptionTarget } from './subscription-target.ts';
import type { TopicFilter } from './topic-filter.ts';
import { isHidden, levelEnd } from './topic-matches.ts';
import type { TopicName } from './topic-name.ts';

/**
 * Those who share the messages of one filter under one name (section 4.8.2). It is the same object
 * for as long as it has members, so that whoever picks one may remember whose turn it is by it.
 */
export interface SharedGroup<Subscriber, Options> {
  readonly shareName: string;
  readonly filter: TopicFilter;
  /** At least one, in the order in which they came, each with its own options. */
  readonly members: ReadonlyMap<Subscriber, Options>;
}

/** Takes what matches a topic. It must leave the trie as it is until `match` has returned. */
export interface MatchVisitor<Subscriber, Options> {
  /** Once for each filter that the subscriber has and that matches. */
  onSubscription(subscriber: Subscriber, options: Options): void;
  /** Once for each group whose filter matches: one member is to get the message. */
  onSharedGroup(group: SharedGroup<Subscriber, Options>): void;
}

/** `first`: nobody else has this filter and share name yet. */
export type AddResult = 'first' | 'another' | 'replaced';
/** `last`: nobody else has this filter and share name any more. */
export type RemoveResult = 'last' | 'oneOfSeveral' | 'absent';

interface Group<Subscriber, Options> extends SharedGroup<Subscriber, Options> {
  readonly members: Map<Subscriber, Options>;
}

/** All who have one filter. */
interface Subscriptions<Subscriber extends object, Options> {
  readonly plain: LeanMap<Subscriber, Options>;
  /** By share name; never empty. */
  groups: Map<string, Group<Subscriber, Options>> | undefined;
}

type Node<Subscriber extends object, Options> = LevelNode<Subscriptions<Subscriber, Options>>;

/**
 * Who subscribes to what, by filter. Wildcards lie among the other levels: no topic has a level
 * `#` or `+`. Without recursion; a match looks at no more nodes than there are on the ways that
 * lead to matching filters, and those that start like them.
 */
export class SubscriptionTrie<Subscriber extends object, Options> {
  readonly #tree = new LevelTree<Subscriptions<Subscriber, Options>>();
  #size = 0;
  #sharedSize = 0;
  /** Visits that have not returned yet. */
  #visits = 0;

  /** How many subscriptions there are, shared ones included. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are shared. */
  get sharedSize(): number {
    return this.#sharedSize;
  }

  /** How many levels of filters are kept, each once: 0 if there are no subscriptions. */
  get nodeCount(): number {
    return this.#tree.nodeCount;
  }

  /** Subscribes, or replaces the options of the subscription to the same target [MQTT-3.8.4-3]. */
  add(target: SubscriptionTarget, subscriber: Subscriber, options: Options): AddResult {
    assert(this.#visits === 0, 'nobody subscribes during a match');
    const node = this.#tree.grow(target.filter);
    node.content ??= { plain: new LeanMap(), groups: undefined };
    const members = growMembers(node.content, target);
    const wasMember = members.has(subscriber);
    members.set(subscriber, options);
    if (wasMember) return 'replaced';
    this.#count(target, 1);
    return members.size === 1 ? 'first' : 'another';
  }

  /** Ends the subscription to exactly this target [MQTT-3.10.4-1] [311:3.10.4-1]. */
  remove(target: SubscriptionTarget, subscriber: Subscriber): RemoveResult {
    assert(this.#visits === 0, 'nobody unsubscribes during a match');
    const node = this.#tree.find(target.filter);
    const members = findMembers(node?.content, target);
    if (node === undefined || members === undefined || !members.delete(subscriber)) return 'absent';
    this.#count(target, -1);
    if (members.size > 0) return 'oneOfSeveral';
    this.#tidy(node, target);
    return 'last';
  }

  /**
   * Shows all subscriptions and groups whose filter matches the topic (section 4.7). How long it
   * takes does not depend on how many others there are.
   */
  match(topic: TopicName, visitor: MatchVisitor<Subscriber, Options>): void {
    this.#visits += 1;
    try {
      this.#walk(topic, visitor);
    } finally {
      this.#visits -= 1;
    }
  }

  #walk(topic: TopicName, visitor: MatchVisitor<Subscriber, Options>): void {
    let reached = [this.#tree.root];
    let areWildcardsBlind = isHidden(topic);
    for (let start = 0; start <= topic.length && reached.length > 0; ) {
      const end = levelEnd(topic, start);
      const level = topic.slice(start, end);
      const next: Node<Subscriber, Options>[] = [];
      for (const { children } of reached) {
        pushFound(next, children?.get(level));
        if (areWildcardsBlind) continue;
        pushFound(next, children?.get('+'));
        show(children?.get('#'), visitor);
      }
      reached = next;
      areWildcardsBlind = false;
      start = end + 1;
    }
    for (const node of reached) {
      show(node, visitor);
      show(node.children?.get('#'), visitor); // It matches the parent of its level, too.
    }
  }

  #count({ shareName }: SubscriptionTarget, change: 1 | -1): void {
    this.#size += change;
    if (shareName !== undefined) this.#sharedSize += change;
  }

  /** Drops what the last member of a target leaves empty. */
  #tidy(node: Node<Subscriber, Options>, { shareName }: SubscriptionTarget): void {
    const { content } = node;
    if (content === undefined) return;
    if (shareName !== undefined) content.groups?.delete(shareName);
    if (content.groups?.size === 0) content.groups = undefined;
    if (content.plain.size > 0 || content.groups !== undefined) return;
    node.content = undefined;
    this.#tree.prune(node);
  }
}

type Members<Subscriber extends object, Options> =
  | LeanMap<Subscriber, Options>
  | Map<Subscriber, Options>;

function growMembers<Subscriber extends object, Options>(
  content: Subscriptions<Subscriber, Options>,
  { filter, shareName }: SubscriptionTarget,
): Members<Subscriber, Options> {
  if (shareName === undefined) return content.plain;
  content.groups ??= new Map();
  const group = content.groups.get(shareName) ?? { shareName, filter, members: new Map() };
  content.groups.set(shareName, group);
  return group.members;
}

function findMembers<Subscriber extends object, Options>(
  content: Subscriptions<Subscriber, Options> | undefined,
  { shareName }: SubscriptionTarget,
): Members<Subscriber, Options> | undefined {
  return shareName === undefined ? content?.plain : content?.groups?.get(shareName)?.members;
}

function pushFound<Item>(items: Item[], found: Item | undefined): void {
  if (found !== undefined) items.push(found);
}

function show<Subscriber extends object, Options>(
  node: Node<Subscriber, Options> | undefined,
  visitor: MatchVisitor<Subscriber, Options>,
): void {
  if (node?.content === undefined) return;
  const { plain, groups } = node.content;
  plain.forEach((options, subscriber) => {
    visitor.onSubscription(subscriber, options);
  });
  groups?.forEach((group) => {
    visitor.onSharedGroup(group);
  });
}

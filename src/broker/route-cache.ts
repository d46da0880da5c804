import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import type { TopicName } from '../topic/topic-name.ts';
import type { Account } from './buffer-pool.ts';

/** Longer topics are not for the cache, which would have no bound in bytes. */
export const CACHED_TOPIC_BYTES_MAX = 256;
/** Topics, and subscribers of topics, that are held at most: some 50 MB of them. */
const WEIGHT_MAX = 65_536;
/** What a topic costs beside its texts and those who subscribe to it. */
const TOPIC_BYTES = 640;
const SUBSCRIBER_BYTES = 16;
/** Filters are told apart by so many of their first levels. */
const PREFIX_LEVELS_MAX = 3;

/** Levels that topics begin with, and how often filters have changed that match such topics. */
class TopicPrefix {
  changes = 0;
}

const NO_PREFIX = new TopicPrefix();

/** What is known of a topic until a filter changes that matches it. */
export class CachedTopic<Route> {
  readonly topicName: TopicName;
  /** As on the wire, bytes of its own. */
  readonly topicBytes: Buffer;
  readonly route: Route;
  readonly #first: TopicPrefix;
  readonly #second: TopicPrefix;
  readonly #third: TopicPrefix;
  readonly #root: TopicPrefix;
  #changes: number;

  constructor(topicName: TopicName, route: Route, prefixes: readonly TopicPrefix[]) {
    [
      this.#root = NO_PREFIX,
      this.#first = NO_PREFIX,
      this.#second = NO_PREFIX,
      this.#third = NO_PREFIX,
    ] = prefixes;
    this.topicName = topicName;
    this.topicBytes = Buffer.from(topicName);
    this.route = route;
    this.#changes = this.#sum();
  }

  /** Whether no filter that matches the topic has come or gone since. */
  get isCurrent(): boolean {
    return this.#changes === this.#sum();
  }

  /** A filter has come or gone that is just this topic. */
  expire(): void {
    this.#changes = -1;
  }

  /** Counts only grow, so that their sum is the same where none of them has changed. */
  #sum(): number {
    return this.#root.changes + this.#first.changes + this.#second.changes + this.#third.changes;
  }
}

/**
 * Who gets the messages of a topic, found by the topic's bytes: a third of what the walk through
 * the subscriptions costs. Latin-1 makes each byte one character, so that keys differ exactly where
 * bytes do; a Map of such texts is within 8 % of a hash table by hand.
 *
 * A change of subscriptions costs the same however much is cached, and leaves alone what lies in
 * other subtrees: a filter without wildcards concerns one topic, any other one the topics that
 * begin with the levels before its first wildcard.
 */
export class RouteCache<Route> {
  readonly #topics = new Map<string, CachedTopic<Route>>();
  readonly #prefixes = new Map<string, TopicPrefix>();
  /** Of the topics that no level but a wildcard leads to: all of them. */
  readonly #root = new TopicPrefix();
  #weight = 0;
  #bytes = 0;
  readonly #account: Account;

  /** @param account hears of what is kept, and given up. */
  constructor(account: Account) {
    this.#account = account;
  }

  get size(): number {
    return this.#topics.size;
  }

  /** What the account has been told of. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is known of the topic in `bytes[start..end)`; undefined if nothing is, by now. */
  find(bytes: Buffer, start: number, end: number): CachedTopic<Route> | undefined {
    const cached = this.#topics.get(bytes.toString('latin1', start, end));
    return cached?.isCurrent === true ? cached : undefined;
  }

  /**
   * Keeps what is known of a topic, which has no more than CACHED_TOPIC_BYTES_MAX bytes.
   *
   * @param weight how many subscribers the route names.
   */
  add(topicName: TopicName, route: Route, weight: number): CachedTopic<Route> {
    // Rare, and cheaper than an order of use.
    if (this.#weight + weight >= WEIGHT_MAX) this.#clear();
    const cached = new CachedTopic(topicName, route, this.#prefixesOf(topicName));
    const key = cached.topicBytes.toString('latin1');
    assert(key.length <= CACHED_TOPIC_BYTES_MAX, 'callers keep long topics out');
    this.#topics.set(key, cached);
    this.#weight += 1 + weight;
    this.#count(TOPIC_BYTES + weight * SUBSCRIBER_BYTES);
    return cached;
  }

  /** A subscription with this filter has come, changed or gone. */
  onChange(filter: TopicFilter): void {
    const wildcardAt = filter.search(/[#+]/);
    if (wildcardAt < 0) this.#topics.get(Buffer.from(filter).toString('latin1'))?.expire();
    else if (wildcardAt === 0) this.#root.changes += 1;
    else {
      const ends = levelEnds(filter.slice(0, wildcardAt - 1));
      const prefix = this.#prefixes.get(filter.slice(0, ends.at(-1)));
      if (prefix !== undefined) prefix.changes += 1;
    }
  }

  #prefixesOf(topicName: TopicName): TopicPrefix[] {
    return [this.#root, ...levelEnds(topicName).map((end) => this.#prefix(topicName, end))];
  }

  #prefix(topicName: TopicName, end: number): TopicPrefix {
    const levels = topicName.slice(0, end);
    const known = this.#prefixes.get(levels);
    if (known !== undefined) return known;
    const prefix = new TopicPrefix();
    this.#prefixes.set(levels, prefix);
    return prefix;
  }

  #clear(): void {
    // Who still holds one of them must not take it for current when its filters change.
    this.#root.changes += 1;
    this.#topics.clear();
    this.#prefixes.clear();
    this.#weight = 0;
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#account.add(bytes);
  }
}

/** Where the first levels of a topic end. */
function levelEnds(text: string): number[] {
  const ends: number[] = [];
  for (let at = 0; at >= 0 && ends.length < PREFIX_LEVELS_MAX; ) {
    const slash = text.indexOf('/', at);
    ends.push(slash < 0 ? text.length : slash);
    at = slash < 0 ? -1 : slash + 1;
  }
  return ends;
}

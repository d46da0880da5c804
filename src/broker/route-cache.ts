import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import type { TopicName } from '../topic/topic-name.ts';
import type { Account } from './buffer-pool.ts';

/** Longer topics are not for the cache, which would have no bound in bytes. */
export const CACHED_TOPIC_BYTES_MAX = 256;
/** What all may take: 75,000 topics, say. Where more come in turn, none of them is found again. */
const BYTES_MAX = 48 * 1_024 * 1_024;
/** What a topic costs, with its texts, beside those who subscribe to it. */
const TOPIC_BYTES = 640;
const SUBSCRIBER_BYTES = 16;
/** Filters are told apart by so many of their first levels. */
const PREFIX_LEVELS_MAX = 3;

/** Levels that topics begin with, and how often filters have changed that match such topics. */
class TopicPrefix {
  changes = 0;
}

const NO_PREFIX = new TopicPrefix();

/** What is known of a topic until a filter changes that matches it; the rest is of the subclass. */
export class CachedTopic {
  readonly topicName: TopicName;
  /** For the cache alone: what it has counted for the topic. */
  countedBytes = 0;
  #topicBytes: Buffer | undefined = undefined;
  #root = NO_PREFIX;
  #first = NO_PREFIX;
  #second = NO_PREFIX;
  #third = NO_PREFIX;
  #changes = 0;
  /** All changes, and how many there were when it was last found current. */
  #all = NO_PREFIX;
  #allSeen = 0;

  constructor(topicName: TopicName) {
    this.topicName = topicName;
  }

  /** As on the wire. */
  get topicBytes(): Buffer {
    this.#topicBytes ??= Buffer.from(this.topicName);
    return this.#topicBytes;
  }

  /**
   * Whether no filter that matches the topic has come or gone since. Where none has at all the
   * counts of its levels are not looked at: with many topics they would be fetched from memory.
   */
  get isCurrent(): boolean {
    const { changes } = this.#all;
    if (this.#allSeen === changes) return true;
    if (this.#changes !== this.#sum()) return false;
    this.#allSeen = changes;
    return true;
  }

  /** For the cache alone: it is current as long as none of these has changed. */
  watch(all: TopicPrefix, [root, first, second, third]: readonly TopicPrefix[]): void {
    this.#all = all;
    this.#allSeen = all.changes;
    this.#root = root ?? NO_PREFIX;
    this.#first = first ?? NO_PREFIX;
    this.#second = second ?? NO_PREFIX;
    this.#third = third ?? NO_PREFIX;
    this.#changes = this.#sum();
  }

  /** For the cache alone: a filter has come or gone that concerns just this topic, counted. */
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
export class RouteCache<Topic extends CachedTopic> {
  readonly #topics = new Map<string, Topic>();
  readonly #prefixes = new Map<string, TopicPrefix>();
  /** Of all topics, whatever the filter. */
  readonly #all = new TopicPrefix();
  /** Of the topics that no level but a wildcard leads to: all of them. */
  readonly #root = new TopicPrefix();
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
  find(bytes: Buffer, start: number, end: number): Topic | undefined {
    const cached = this.#topics.get(bytes.toString('latin1', start, end));
    return cached?.isCurrent === true ? cached : undefined;
  }

  /**
   * Keeps what is known of a topic, which has no more than CACHED_TOPIC_BYTES_MAX bytes.
   *
   * @param subscribers how many of them the topic names.
   */
  add(topic: Topic, subscribers: number): void {
    const bytes = TOPIC_BYTES + subscribers * SUBSCRIBER_BYTES;
    // Rare, and cheaper than an order of use.
    if (this.#bytes + bytes > BYTES_MAX) this.#clear();
    const { topicName } = topic;
    topic.watch(this.#all, this.#prefixesOf(topicName));
    topic.countedBytes = bytes;
    const key = keyOf(topicName);
    assert(key.length <= CACHED_TOPIC_BYTES_MAX, 'callers keep long topics out');
    // What was known of the topic before is out of date, and gives way.
    const before = this.#topics.get(key)?.countedBytes ?? 0;
    this.#topics.set(key, topic);
    this.#count(bytes - before);
  }

  /** A subscription with this filter has come, changed or gone. */
  onChange(filter: TopicFilter): void {
    this.#all.changes += 1;
    const wildcardAt = filter.search(/[#+]/);
    if (wildcardAt < 0) {
      this.#topics.get(keyOf(filter))?.expire();
      return;
    }
    if (wildcardAt === 0) {
      this.#root.changes += 1;
      return;
    }
    const levels = filter.slice(0, wildcardAt - 1);
    // It matches the parent of its level, too.
    if (filter[wildcardAt] === '#') this.#topics.get(keyOf(levels))?.expire();
    const prefix = this.#prefixes.get(levels.slice(0, levelEnds(levels).at(-1)));
    if (prefix !== undefined) prefix.changes += 1;
  }

  /** Of the levels that more follow: those of a topic itself would be one more to look at each. */
  #prefixesOf(topicName: TopicName): TopicPrefix[] {
    const ends = levelEnds(topicName).filter((end) => end < topicName.length);
    return [this.#root, ...ends.map((end) => this.#prefix(topicName, end))];
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
    this.#all.changes += 1;
    this.#root.changes += 1;
    this.#topics.clear();
    this.#prefixes.clear();
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#account.add(bytes);
  }
}

/** The same text where it is ASCII, so that it is there once. */
function keyOf(topic: string): string {
  const key = Buffer.from(topic).toString('latin1');
  return key.length === topic.length ? topic : key;
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

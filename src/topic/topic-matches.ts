import type { TopicFilter } from './topic-filter.ts';
import type { TopicName } from './topic-name.ts';

/**
 * Whether a filter matches a topic (section 4.7), for those who have few filters and no trie. The
 * texts are compared as they are [MQTT-4.7.3-4] [311:4.7.3-4].
 */
export function topicMatches(filter: TopicFilter, topic: TopicName): boolean {
  if (isHidden(topic) && isWildcard(filter[0])) return false;
  let filterAt = 0;
  let topicAt = 0;
  while (filterAt <= filter.length) {
    // This stands before the look at the topic's end: `#` matches the parent level, too.
    if (filter[filterAt] === '#') return true;
    if (topicAt > topic.length) return false;
    const filterEnd = levelEnd(filter, filterAt);
    const topicEnd = levelEnd(topic, topicAt);
    const isSame = filter.slice(filterAt, filterEnd) === topic.slice(topicAt, topicEnd);
    if (!isSame && filter[filterAt] !== '+') return false;
    filterAt = filterEnd + 1;
    topicAt = topicEnd + 1;
  }
  return topicAt > topic.length;
}

/** Whether leading wildcards pass a topic, or a first level, by [MQTT-4.7.2-1] [311:4.7.2-1]. */
export function isHidden(topic: string): boolean {
  return topic.startsWith('$');
}

/** Whether a filter's level, or its first character, stands for more than itself. */
export function isWildcard(level: string | undefined): boolean {
  return level === '#' || level === '+';
}

/** Where the level that starts at `at` ends: at its `/`, or where the text does. */
export function levelEnd(text: string, at: number): number {
  const slash = text.indexOf('/', at);
  return slash < 0 ? text.length : slash;
}

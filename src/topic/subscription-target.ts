import { isShare, SHARE_PREFIX, shareFault } from '../codec/topic-grammar.ts';
import { findTextFault, topicError } from './topic-error.ts';
import { parseTopicFilter, type TopicFilter, toTopicFilter } from './topic-filter.ts';

/** What the text in a SUBSCRIBE or UNSUBSCRIBE means. */
export interface SubscriptionTarget {
  readonly filter: TopicFilter;
  /** The group that shares the messages (section 4.8.2), by its name; undefined for a plain one. */
  readonly shareName: string | undefined;
}

/**
 * Checks what a person wants to subscribe to, `$share/NAME/FILTER` included. `label` is what they
 * know it as.
 *
 * @throws CallerError usage, that says what to write instead.
 */
export function parseSubscriptionTarget(text: string, label = 'filter'): SubscriptionTarget {
  if (!isShare(text)) return { filter: parseTopicFilter(text, label), shareName: undefined };
  const fault = findTextFault(text) ?? shareFault(text);
  if (fault !== undefined) throw topicError(label, text, fault);
  return splitShare(text);
}

/**
 * Takes a filter that the codec has read apart. With `shares` the text `$share/...` means a group;
 * with `plain`, which 3.1 and 3.1.1 allow, it is a filter like any other.
 *
 * Undefined if it should share and is written wrongly [MQTT-4.8.2-1] [MQTT-4.8.2-2]: of 5.0 the
 * codec has refused that, of 3.x it is for the broker to refuse.
 */
export function findSubscriptionTarget(
  text: string,
  meaning: 'shares' | 'plain',
): SubscriptionTarget | undefined {
  if (meaning === 'plain' || !isShare(text)) {
    return { filter: toTopicFilter(text), shareName: undefined };
  }
  return shareFault(text) === undefined ? splitShare(text) : undefined;
}

function splitShare(text: string): SubscriptionTarget {
  const nameEnd = text.indexOf('/', SHARE_PREFIX.length);
  return {
    filter: toTopicFilter(text.slice(nameEnd + 1)),
    shareName: text.slice(SHARE_PREFIX.length, nameEnd),
  };
}

import { assert } from '../base/assert.ts';
import { topicFilterFault } from '../codec/topic-grammar.ts';
import { findTextFault, topicError } from './topic-error.ts';

declare const checked: unique symbol;
/**
 * What topics are matched with (section 4.7), without any `$share/NAME/`. Only `parseTopicFilter`
 * and `toTopicFilter` make one.
 */
export type TopicFilter = string & { readonly [checked]: 'TopicFilter' };

/**
 * Checks a filter that a person wrote and that is not subscribed to, or not as a share. `label` is
 * what they know it as.
 *
 * @throws CallerError usage, that says what to write instead.
 */
export function parseTopicFilter(text: string, label = 'filter'): TopicFilter {
  const fault = findFault(text);
  if (fault !== undefined) throw topicError(label, text, fault);
  return text as TopicFilter;
}

/** Takes a filter that has been checked, by the codec or here: that it has a fault is our bug. */
export function toTopicFilter(text: string): TopicFilter {
  assert(findFault(text) === undefined, 'what has been checked as a filter is one');
  return text as TopicFilter;
}

function findFault(text: string): ReturnType<typeof findTextFault> {
  return findTextFault(text) ?? topicFilterFault(text);
}

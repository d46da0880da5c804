import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import { topicNameFault } from '../codec/topic-grammar.ts';
import { findTextFault, topicError } from './topic-error.ts';

declare const checked: unique symbol;
/** Where a message can go (section 4.7). Only the functions here make one. */
export type TopicName = string & { readonly [checked]: 'TopicName' };

/**
 * Checks a topic that a person wrote. `label` is what they know it as, such as `will topic`.
 *
 * @throws CallerError usage, that says what to write instead.
 */
export function parseTopicName(text: string, label = 'topic'): TopicName {
  const fault = findFault(text);
  if (fault !== undefined) throw topicError(label, text, fault);
  return text as TopicName;
}

/** A text as a topic, if it is one. */
export function findTopicName(text: string): TopicName | undefined {
  return findFault(text) === undefined ? (text as TopicName) : undefined;
}

/** Takes a topic that the codec has read, and so checked: that it has a fault is our bug. */
export function toTopicName(text: string): TopicName {
  assert(findFault(text) === undefined, 'what the codec reads as a topic is one');
  return text as TopicName;
}

/**
 * How many `/` a topic or filter has, which is what the limit on its levels counts: a topic of one
 * level has none.
 */
export function slashCount(text: string): number {
  let count = 0;
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) count += 1;
  return count;
}

/** Whether a text has more than so many bytes in UTF-8; they are counted only if it may. */
export function hasMoreBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false;
  return text.length > bytesMax || Buffer.byteLength(text) > bytesMax;
}

function findFault(text: string): ReturnType<typeof findTextFault> {
  return findTextFault(text) ?? topicNameFault(text);
}

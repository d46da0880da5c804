import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { TopicFault } from '../codec/topic-grammar.ts';

/** What keeps a text from being a topic or filter, from the grammar or from `findTextFault`. */
export type Fault = Pick<TopicFault, 'subject' | 'what'> & {
  readonly rule: TopicFault['rule'] | 'too-long' | 'surrogate';
};

interface Advice {
  readonly why: string;
  readonly remedy: string;
}

/** What the two-byte length before a topic or filter can say [MQTT-4.7.3-3], [311:4.7.3-3]. */
const TOPIC_BYTES_MAX = 65_535;
/** A message to a person shows this much of a text, in UTF-16 units. */
const SHOWN_MAX = 80;

const ADVICE: { readonly [rule in Exclude<Fault['rule'], 'filter-wildcard'>]: Advice } = {
  'topic-empty': { why: 'topics and filters have at least one character', remedy: 'name one' },
  'topic-wildcard': { why: '# and + are for subscribing', remedy: 'name one topic' },
  nul: { why: 'no text in MQTT may hold it', remedy: 'leave it out' },
  'share-grammar': {
    why: 'a shared subscription is $share/NAME/FILTER',
    remedy: 'name a group without /, # and +, and then a filter',
  },
  'too-long': { why: `the longest has ${TOPIC_BYTES_MAX} bytes of UTF-8`, remedy: 'shorten it' },
  surrogate: { why: 'it cannot be written as UTF-8', remedy: 'use whole characters' },
};
const HASH: Advice = {
  why: '# stands for a level and all below it',
  remedy: 'put it last, in a level of its own, as in a/#',
};
const PLUS: Advice = {
  why: '+ stands for one whole level',
  remedy: 'put it in a level of its own, as in a/+/b',
};

/** Why a text cannot go on the wire; what comes from the wire never has such a fault. */
export function findTextFault(text: string): Fault | undefined {
  if (!text.isWellFormed()) return { rule: 'surrogate', what: 'holds half a surrogate pair' };
  const length = Buffer.byteLength(text);
  if (length <= TOPIC_BYTES_MAX) return undefined;
  return { rule: 'too-long', what: `is ${length} bytes long` };
}

/** Tells a person why their text is no topic or filter; `label` is what they know it as. */
export function topicError(label: string, text: string, fault: Fault): CallerError {
  const isCut = text.length > SHOWN_MAX;
  const shown = JSON.stringify(isCut ? `${text.slice(0, SHOWN_MAX)}…` : text);
  return new CallerError('usage', `${label} ${shown} ${fault.what}`, adviceOn(fault));
}

function adviceOn({ rule, subject }: Fault): Advice {
  if (rule !== 'filter-wildcard') return ADVICE[rule];
  return subject === '#' ? HASH : PLUS;
}

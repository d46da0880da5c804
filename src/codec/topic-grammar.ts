import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import type { RuleName } from './rules.ts';
import { UnsendableError } from './unsendable-error.ts';

/** What a text lacks to be a topic name or a topic filter. */
export interface TopicFault {
  readonly rule: Extract<
    RuleName,
    'topic-empty' | 'topic-wildcard' | 'nul' | 'filter-wildcard' | 'share-grammar'
  >;
  /** Which case of the rule, where it has several. */
  readonly subject?: string;
  /** What is wrong, without the text itself. */
  readonly what: string;
  /** Where in the text, in UTF-16 units. */
  readonly index: number;
}

/** How a shared subscription's filter begins (section 4.8.2). */
export const SHARE_PREFIX = '$share/';

/** Why a text is no topic name (section 4.7); undefined if it is one. */
export function topicNameFault(text: string): TopicFault | undefined {
  if (text === '') return { rule: 'topic-empty', what: 'is empty', index: 0 };
  const index = text.search(/[#+\0]/);
  if (index < 0) return undefined;
  if (text[index] === '\0') return { rule: 'nul', what: 'holds U+0000', index };
  return { rule: 'topic-wildcard', what: `has a wildcard (${text[index]})`, index };
}

/** Why a text is no topic filter (section 4.7); undefined if it is one. Knows nothing of shares. */
export function topicFilterFault(text: string): TopicFault | undefined {
  if (text === '') return { rule: 'topic-empty', what: 'is empty', index: 0 };
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '\0') return { rule: 'nul', what: 'holds U+0000', index };
    if (char !== '#' && char !== '+') continue;
    const startsLevel = index === 0 || text[index - 1] === '/';
    const isLast = index === text.length - 1;
    const endsLevel = isLast || (char === '+' && text[index + 1] === '/');
    if (startsLevel && endsLevel) continue;
    const whole = char === '#' ? 'the whole last level' : 'a whole level';
    const what = `has a ${char} that is not ${whole}`;
    return { rule: 'filter-wildcard', subject: char, what, index };
  }
  return undefined;
}

/** Whether 5.0 takes a filter for a share; before it, that is the broker's choice. */
export function isShare(text: string): boolean {
  return text.startsWith(SHARE_PREFIX);
}

/**
 * Why a filter that begins with `$share/` shares nothing (section 4.8.2): it is `$share/`, a name
 * of at least one character without `/`, `#` and `+`, `/`, and a topic filter.
 */
export function shareFault(text: string): TopicFault | undefined {
  const nameEnd = text.indexOf('/', SHARE_PREFIX.length);
  const name = text.slice(SHARE_PREFIX.length, nameEnd < 0 ? text.length : nameEnd);
  const rule = 'share-grammar';
  const index = Math.min(SHARE_PREFIX.length, text.length);
  if (name === '') return { rule, subject: 'name', what: 'has an empty share name', index };
  const wrong = name.search(/[#+\0]/);
  if (name[wrong] === '\0') return { rule: 'nul', what: 'holds U+0000', index: index + wrong };
  if (wrong >= 0) {
    const what = 'has a wildcard in its share name';
    return { rule, subject: 'filter', what, index: index + wrong };
  }
  if (nameEnd < 0 || nameEnd === text.length - 1) {
    const what = 'has no filter behind its share name';
    return { rule, subject: 'filter', what, index: text.length };
  }
  const start = nameEnd + 1;
  const fault = topicFilterFault(text.slice(start));
  return fault && { ...fault, index: fault.index + start };
}

/** Reads where a message goes (section 3.3.2.1); `mayBeEmpty` leaves that to the caller. */
export function readTopicName(
  r: PacketReader,
  field: 'topicName' | 'willTopic',
  mayBeEmpty: 'mayBeEmpty' | 'notEmpty',
): string {
  const at = r.position + 2;
  const text = r.utf8(field);
  if (text !== '' || mayBeEmpty === 'notEmpty') checkTopicName(r, field, text, at);
  return text;
}

/** Refuses a text that is no topic name; its bytes begin at `at`. */
export function checkTopicName(r: PacketReader, field: string, text: string, at: number): void {
  const fault = topicNameFault(text);
  if (fault === undefined || fault.rule === 'nul') return; // `utf8` has refused that already.
  const isResponseTopic = field === 'responseTopic' && fault.rule === 'topic-wildcard';
  refuseFault(r, isResponseTopic ? { ...fault, rule: 'response-topic-wildcard' } : fault, {
    field,
    text,
    at,
  });
}

/** Reads one filter of SUBSCRIBE or UNSUBSCRIBE (sections 3.8.3 and 3.10.3). */
export function readTopicFilter(r: PacketReader): string {
  const at = r.position + 2;
  const text = r.utf8('topicFilter');
  const fault = filterFault(text, r.level);
  if (fault !== undefined && fault.rule !== 'nul') {
    refuseFault(r, fault, { field: 'topicFilter', text, at });
  }
  return text;
}

/** @throws UnsendableError if the text is no topic name. */
export function requireTopicName(field: string, text: string): void {
  const fault = topicNameFault(text);
  if (fault !== undefined) throw unsendable(field, text, fault);
}

/** @throws UnsendableError if the text is no topic filter in this version. */
export function requireTopicFilter(field: string, text: string, level: ProtocolLevel): void {
  const fault = filterFault(text, level);
  if (fault !== undefined) throw unsendable(field, text, fault);
}

/** Before 5.0 `$share/...` is an ordinary filter by the text; sharing it is the broker's choice. */
function filterFault(text: string, level: ProtocolLevel): TopicFault | undefined {
  return level === 5 && isShare(text) ? shareFault(text) : topicFilterFault(text);
}

function unsendable(field: string, text: string, fault: TopicFault): UnsendableError {
  return new UnsendableError(`${field} ${JSON.stringify(text)} ${fault.what}`);
}

interface Place {
  readonly field: string;
  readonly text: string;
  readonly at: number;
}

function refuseFault(
  r: PacketReader,
  fault: Omit<TopicFault, 'rule'> & { readonly rule: RuleName },
  { field, text, at }: Place,
): void {
  const subjects = [fault.subject ?? field, r.packetName ?? ''];
  // An empty text has no byte of its own to blame but its length.
  const offset = text === '' ? at - 2 : at + Buffer.byteLength(text.slice(0, fault.index));
  r.refuse(fault.rule, `${field} ${fault.what}`, { at: offset, subjects });
}

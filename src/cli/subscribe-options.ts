import { CallerError } from '../base/caller-error.ts';
import type { QoS, RetainHandling, SubscriptionRequest } from '../codec/packet.ts';
import { SHARE_PREFIX, shareFault } from '../codec/topic-grammar.ts';
import { topicError } from '../topic/topic-error.ts';
import { parseTopicFilter } from '../topic/topic-filter.ts';
import { topicsOr } from './client-options.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import {
  parseCount,
  parseDurationMs,
  parseQos,
  percentShare,
  unusableValue,
  wholeNumber,
} from './option-values.ts';
import type { PropertyBag } from './property-bag.ts';
import { pairQos } from './qos-pairing.ts';
import { WhereCondition } from './where-condition.ts';

const MESSAGES = 'Messages';
const HANDLINGS: Readonly<Record<string, RetainHandling>> = { always: 0, new: 1, never: 2 };
const SHARE_MIN = 0.001;

/** What to subscribe to, and which of the messages to take. */
export const SUBSCRIBE_OPTIONS = {
  topic: {
    type: 'string',
    alias: 't',
    value: 'FILTER',
    array: true,
    coerce: parseFilter,
    describe: 'what to subscribe to; may be repeated',
    group: MESSAGES,
  },
  unsubscribe: {
    type: 'string',
    alias: 'U',
    value: 'FILTER',
    array: true,
    coerce: parseFilter,
    describe: 'what to unsubscribe from; without -t the run ends with that',
    group: MESSAGES,
  },
  'filter-out': {
    type: 'string',
    alias: 'T',
    value: 'FILTER',
    array: true,
    coerce: (text) => parseTopicFilter(text),
    describe: 'leave messages with these topics out; may be repeated',
    group: MESSAGES,
  },
  qos: {
    type: 'string',
    alias: 'q',
    value: 'QOS',
    array: true,
    coerce: parseQos,
    defaultDescription: '0',
    describe: '0, 1 or 2; one for each filter, or one for all',
    group: MESSAGES,
  },
  count: {
    type: 'string',
    alias: 'C',
    value: 'COUNT',
    coerce: parseCount,
    describe: 'end after so many messages',
    group: MESSAGES,
  },
  duration: {
    type: 'string',
    value: 'DURATION',
    coerce: parseDurationMs,
    describe: 'end after so long, exit 0',
    group: MESSAGES,
  },
  'exit-after-subscribe': {
    type: 'boolean',
    alias: 'E',
    describe: 'end as soon as the broker has acknowledged each filter',
    group: MESSAGES,
  },
  'skip-retained': {
    type: 'boolean',
    alias: 'R',
    describe: 'show no retained messages, and ask for none',
    group: MESSAGES,
  },
  'retained-only': {
    type: 'boolean',
    describe: 'show retained messages alone, and end when all have come',
    group: MESSAGES,
  },
  settle: {
    type: 'string',
    value: 'DURATION',
    default: '200ms',
    coerce: parseDurationMs,
    describe: 'with --retained-only: how long none may have come for that to be all',
    group: MESSAGES,
  },
  'remove-retained': {
    type: 'boolean',
    describe: 'delete retained messages after they were shown',
    group: MESSAGES,
  },
  'dry-run': {
    type: 'boolean',
    describe: 'with --remove-retained: delete nothing, only name the topics',
    group: MESSAGES,
  },
  where: {
    type: 'string',
    value: 'CONDITION',
    coerce: (text) => new WhereCondition(text),
    describe: `show messages of which this holds: '.temp > 30 and topic ~ "^room/"'`,
    group: MESSAGES,
  },
  'random-filter': {
    type: 'string',
    value: 'PERCENT',
    coerce: parseShare,
    describe: 'show so many of the messages, by chance',
    group: MESSAGES,
  },
  'retain-as-published': {
    type: 'boolean',
    describe: 'ask for the RETAIN flag as it was published (MQTT 5)',
    group: MESSAGES,
  },
  'retain-handling': {
    type: 'string',
    value: 'WHEN',
    choices: ['always', 'new', 'never'],
    defaultDescription: 'always',
    describe: 'when to ask for retained messages: new is for new subscriptions (MQTT 5)',
    group: MESSAGES,
  },
  'no-local': {
    type: 'boolean',
    describe: 'ask for none of the messages that this client sends (MQTT 5)',
    group: MESSAGES,
  },
  'sub-id': {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, 268_435_455),
    describe: 'subscription identifier, which comes with each message (MQTT 5)',
    group: MESSAGES,
  },
  group: {
    type: 'string',
    value: 'NAME',
    coerce: parseGroup,
    describe: 'share the filters with all others of this name: $share/NAME/FILTER',
    group: MESSAGES,
  },
} as const satisfies OptionTable;

export type SubscribeOptions = OptionsOf<typeof SUBSCRIBE_OPTIONS>;

/** Adds the subscription identifier to the properties, and what forces MQTT 5. */
export function addSubscribeProperties(options: SubscribeOptions, bag: PropertyBag): void {
  bag.add('subscribe', 'subscriptionIdentifier', options.subId, '--sub-id');
  if (options.retainAsPublished === true) bag.require('--retain-as-published');
  if (options.retainHandling !== undefined) bag.require('--retain-handling');
  if (options.noLocal === true) bag.require('--no-local');
}

/**
 * What the options ask for; the filter in the URL counts where there is no `-t`.
 *
 * @throws CallerError usage if there is nothing to do, or options contradict each other.
 */
export function subscriptionsOf(
  options: SubscribeOptions,
  inUrl?: string,
): readonly SubscriptionRequest[] {
  const topic = topicsOr(options.topic, inUrl, parseFilter);
  requireAgreement(options, topic);
  const { group, noLocal, qos, removeRetained, retainAsPublished, skipRetained } = options;
  const paired: readonly QoS[] = pairQos(topic.length, qos);
  const asked = options.retainHandling === undefined ? 0 : HANDLINGS[options.retainHandling];
  const hides = skipRetained === true && removeRetained !== true;
  return topic.map((filter, index) => ({
    topicFilter: group === undefined ? filter : parseFilter(`${SHARE_PREFIX}${group}/${filter}`),
    qos: paired[index] ?? 0,
    isNoLocal: noLocal === true,
    isRetainAsPublished: retainAsPublished === true,
    retainHandling: hides ? 2 : (asked ?? 0),
  }));
}

function requireAgreement(options: SubscribeOptions, topic: readonly string[]): void {
  const { group, noLocal, retainedOnly, skipRetained, unsubscribe } = options;
  if (topic.length === 0 && unsubscribe.length === 0) {
    throw new CallerError('usage', 'no filter to subscribe to', { remedy: 'name one with -t' });
  }
  if (skipRetained === true && retainedOnly === true) throw excluded('-R', '--retained-only');
  const isShared = group !== undefined || topic.some((filter) => filter.startsWith(SHARE_PREFIX));
  if (noLocal === true && isShared) throw excluded('--no-local', 'a shared filter');
  if (options.dryRun === true && options.removeRetained !== true) {
    throw new CallerError('usage', '--dry-run is for --remove-retained', {
      remedy: 'give both, or none of them',
    });
  }
}

/** The error for two options of which there can be one. */
export function excluded(one: string, other: string): CallerError {
  return new CallerError('usage', `${one} and ${other} exclude each other`, {
    remedy: 'leave one of them out',
  });
}

/** A filter, or a shared one: `$share/NAME/FILTER`. */
function parseFilter(text: string): string {
  if (!text.startsWith(SHARE_PREFIX)) return parseTopicFilter(text);
  const fault = shareFault(text);
  if (fault !== undefined) throw topicError('filter', text, fault);
  return text;
}

function parseGroup(text: string, option: string): string {
  if (text !== '' && !/[/+#]/.test(text)) return text;
  throw unusableValue(option, text, 'give a name without "/", "+" and "#"');
}

function parseShare(text: string, option: string): number {
  const share = percentShare(text, option);
  if (share >= SHARE_MIN && share <= 1) return share;
  throw unusableValue(option, text, 'give a percentage from 0.1 to 100');
}

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { Will } from '../codec/packet.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { bytesOptions, givenBytes } from './bytes-option.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseNameValue, parseQos, parseText, wholeSeconds } from './option-values.ts';
import type { Platform } from './platform.ts';
import type { PropertyBag } from './property-bag.ts';

const GROUP = 'Will';
const SECONDS_MAX = 0xffff_ffff;

/** What the broker publishes for a client that goes without a goodbye. */
export const WILL_OPTIONS = {
  'will-topic': {
    type: 'string',
    value: 'TOPIC',
    coerce: (text) => parseTopicName(text),
    describe: 'where the broker publishes if this client goes without a goodbye',
    group: GROUP,
  },
  ...bytesOptions('will-payload', { describe: 'what it publishes there', group: GROUP }),
  'will-qos': {
    type: 'string',
    value: 'QOS',
    coerce: parseQos,
    defaultDescription: '0',
    describe: '0, 1 or 2',
    group: GROUP,
  },
  'will-retain': { type: 'boolean', describe: 'and keeps it', group: GROUP },
  'will-delay': {
    type: 'string',
    value: 'DURATION',
    coerce: wholeSeconds(SECONDS_MAX),
    describe: 'how long it waits for the client to come back (MQTT 5)',
    group: GROUP,
  },
  'will-expiry': {
    type: 'string',
    value: 'DURATION',
    coerce: wholeSeconds(SECONDS_MAX),
    describe: 'how long the will is worth delivering (MQTT 5)',
    group: GROUP,
  },
  'will-content-type': {
    type: 'string',
    value: 'TEXT',
    coerce: parseText,
    describe: 'what its payload is (MQTT 5)',
    group: GROUP,
  },
  'will-response-topic': {
    type: 'string',
    value: 'TOPIC',
    coerce: (text) => parseTopicName(text),
    describe: 'where answers go (MQTT 5)',
    group: GROUP,
  },
  ...bytesOptions('will-correlation-data', {
    describe: 'what tells answers apart (MQTT 5)',
    group: GROUP,
  }),
  'will-utf8': { type: 'boolean', describe: 'its payload is text in UTF-8 (MQTT 5)', group: GROUP },
  'will-user-property': {
    type: 'string',
    value: 'NAME=VALUE',
    array: true,
    coerce: parseNameValue,
    describe: 'may be repeated (MQTT 5)',
    group: GROUP,
  },
  'will-on-exit': {
    type: 'boolean',
    describe: 'let the broker publish it at the end of each run, too',
    group: GROUP,
  },
} as const satisfies OptionTable;

type WillOptions = OptionsOf<typeof WILL_OPTIONS>;

/** Adds the will's own options to the properties. */
export async function addWillProperties(
  options: WillOptions,
  bag: PropertyBag,
  platform: Pick<Platform, 'read'>,
): Promise<void> {
  const data = await givenBytes(options, 'will-correlation-data', platform);
  bag.add('will', 'willDelayInterval', options.willDelay, '--will-delay');
  bag.add('will', 'messageExpiryInterval', options.willExpiry, '--will-expiry');
  bag.add('will', 'contentType', options.willContentType, '--will-content-type');
  bag.add('will', 'responseTopic', options.willResponseTopic, '--will-response-topic');
  bag.add('will', 'correlationData', data, '--will-correlation-data');
  const indicator = options.willUtf8 === true ? 1 : undefined;
  bag.add('will', 'payloadFormatIndicator', indicator, '--will-utf8');
  for (const pair of options.willUserProperty) {
    bag.add('will', 'userProperty', pair, '--will-user-property');
  }
}

/** The will; undefined if there is none. Rejects with usage for the rest of one without a topic. */
export async function givenWill(
  options: WillOptions,
  bag: PropertyBag,
  platform: Pick<Platform, 'read'>,
): Promise<Will | undefined> {
  const payload = await givenBytes(options, 'will-payload', platform);
  const { willOnExit, willQos, willRetain, willTopic } = options;
  if (willTopic !== undefined) {
    return {
      topicName: willTopic,
      payload: payload ?? Buffer.alloc(0),
      qos: willQos ?? 0,
      isRetained: willRetain === true,
      properties: bag.for('will'),
    };
  }
  const isAsked = [payload, willQos, willRetain, willOnExit].some((each) => each !== undefined);
  if (!isAsked && !bag.has('will')) return undefined;
  throw new CallerError('usage', 'a will without a topic', { remedy: 'name it with --will-topic' });
}

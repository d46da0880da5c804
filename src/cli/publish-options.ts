import { isUtf8 } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { bytesOptions, givenBytes } from './bytes-option.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import {
  parseCount,
  parseDurationMs,
  parseNameValue,
  parseText,
  unusableValue,
  wholeNumber,
  wholeSeconds,
} from './option-values.ts';
import type { Platform } from './platform.ts';
import type { PropertyBag } from './property-bag.ts';
import type { PublishPace } from './publish-task.ts';

const PACE = 'Pace';
const PROPERTIES = 'Properties';
const IN_FLIGHT = '20';

/** How often, how fast, and what of it is told. */
export const PACE_OPTIONS = {
  repeat: {
    type: 'string',
    value: 'COUNT',
    default: '1',
    coerce: parseCount,
    describe: 'send the message so often; not for -l',
    group: PACE,
  },
  'repeat-delay': {
    type: 'string',
    value: 'DURATION',
    default: '0',
    coerce: parseDurationMs,
    describe: 'with --repeat: wait so long after the delivery of each',
    group: PACE,
  },
  rate: {
    type: 'string',
    value: 'N',
    coerce: parseRate,
    defaultDescription: 'as fast as it goes',
    describe: 'messages in a second, evenly spaced',
    group: PACE,
  },
  'max-inflight': {
    type: 'string',
    alias: 'M',
    value: 'N',
    default: IN_FLIGHT,
    coerce: wholeNumber(1, 65_535),
    describe: 'messages of QoS 1 and 2 on their way at a time',
    group: PACE,
  },
  'require-subscriber': {
    type: 'boolean',
    describe: 'exit 16 if the broker says that nobody has subscribed (MQTT 5, QoS 1 and 2)',
    group: PACE,
  },
  'stop-on-refusal': {
    type: 'boolean',
    describe: 'send nothing more after the first message that is refused',
    group: PACE,
  },
  progress: {
    type: 'boolean',
    describe: 'tell how far it has come, as on a terminal; elsewhere by a line each 5 s',
    group: PACE,
  },
  json: { type: 'boolean', describe: 'one JSON object per message, with its ack', group: PACE },
} as const satisfies OptionTable;

/** Properties of the messages, by options of their own. */
export const PUBLISH_PROPERTY_OPTIONS = {
  'content-type': {
    type: 'string',
    value: 'TEXT',
    coerce: parseText,
    describe: 'what the payload is (MQTT 5)',
    group: PROPERTIES,
  },
  'response-topic': {
    type: 'string',
    value: 'TOPIC',
    coerce: (text) => parseTopicName(text),
    describe: 'where answers go (MQTT 5)',
    group: PROPERTIES,
  },
  ...bytesOptions('correlation-data', {
    describe: 'what tells answers apart (MQTT 5)',
    group: PROPERTIES,
  }),
  expiry: {
    type: 'string',
    value: 'DURATION',
    coerce: wholeSeconds(0xffff_ffff),
    describe: 'how long the message is worth delivering (MQTT 5)',
    group: PROPERTIES,
  },
  utf8: {
    type: 'boolean',
    describe: 'the payload is text in UTF-8, and is checked (MQTT 5)',
    group: PROPERTIES,
  },
  'topic-alias': {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, 65_535),
    describe: 'send the topic once for each connection, then this number (MQTT 5)',
    group: PROPERTIES,
  },
  'user-property': {
    type: 'string',
    value: 'NAME=VALUE',
    array: true,
    coerce: parseNameValue,
    describe: 'may be repeated (MQTT 5)',
    group: PROPERTIES,
  },
} as const satisfies OptionTable;

/** Adds the options of messages to the properties. */
export async function addPublishProperties(
  options: OptionsOf<typeof PUBLISH_PROPERTY_OPTIONS>,
  bag: PropertyBag,
  platform: Pick<Platform, 'read'>,
): Promise<void> {
  const data = await givenBytes(options, 'correlation-data', platform);
  const indicator = options.utf8 === true ? 1 : undefined;
  bag.add('publish', 'payloadFormatIndicator', indicator, '--utf8');
  bag.add('publish', 'messageExpiryInterval', options.expiry, '--expiry');
  bag.add('publish', 'contentType', options.contentType, '--content-type');
  bag.add('publish', 'responseTopic', options.responseTopic, '--response-topic');
  bag.add('publish', 'correlationData', data, '--correlation-data');
  bag.add('publish', 'topicAlias', options.topicAlias, '--topic-alias');
  for (const pair of options.userProperty) {
    bag.add('publish', 'userProperty', pair, '--user-property');
  }
}

/** @throws CallerError usage for a payload that says it is text, and is not. */
export function requireText(payload: Uint8Array, properties: PropertiesOf<'publish'>): void {
  if (properties.payloadFormatIndicator !== 1 || isUtf8(payload)) return;
  throw new CallerError('usage', 'the payload is no UTF-8', {
    why: 'it is announced as text, and some byte of it belongs to no character',
    remedy: 'leave --utf8 out, or convert it with iconv',
  });
}

/** Reads how fast to send. @param isStream whether each line of the input is a message. */
export function publishPace(
  options: OptionsOf<typeof PACE_OPTIONS>,
  isStream: boolean,
): PublishPace {
  return {
    inFlightMax: options.maxInflight,
    batchDelayMs: isStream ? 0 : options.repeatDelay,
    perSecond: options.rate ?? Number.POSITIVE_INFINITY,
    stopsOnRefusal: options.stopOnRefusal === true,
  };
}

function parseRate(text: string, option: string): number {
  const rate = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw unusableValue(option, text, 'give messages in a second: 10, 0.5');
}

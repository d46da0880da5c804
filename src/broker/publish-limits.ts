import { type Buffer, isUtf8 } from 'node:buffer';
import { quoteText } from '../base/quote-text.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import type { Message } from '../session/message.ts';
import { hasMoreBytes, slashCount } from '../topic/topic-name.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { MemoryAccount } from './memory-account.ts';
import { isReservedTopic } from './reserved-topic.ts';
import type { Router } from './router.ts';

/** A refusal shows this much of a topic. */
const SHOWN_MAX = 80;

/** Why this broker does not take a message, although the standard would let it. */
export interface PublishRefusal {
  /** In PUBACK or PUBREC of 5.0. */
  readonly reason: ReasonName;
  /** The option that sets the limit; undefined for what no option allows. */
  readonly limit?: string;
  /** What is wrong, and the limit, behind `topic "..."`. */
  readonly what: (config: BrokerConfig) => string;
  /** QoS 0 has no ack: the message goes, the connection does, or it is passed on but not kept. */
  readonly atQos0: 'dropped' | 'closes' | 'notRetained';
  /** No ack before 5.0 can say no: one that says yes loses the message silently. */
  readonly before5: 'acked' | 'closes';
}

/** What it depends on whether a message is taken. */
export interface PublishJudge {
  readonly config: BrokerConfig;
  readonly memory: Pick<MemoryAccount, 'isExhausted'>;
  readonly router: Router;
}

const RESERVED: PublishRefusal = {
  reason: 'notAuthorized',
  what: () => 'is for the broker alone',
  atQos0: 'dropped',
  before5: 'acked',
};
const TOO_DEEP: PublishRefusal = {
  reason: 'topicNameInvalid',
  limit: '--max-topic-levels',
  what: ({ topicSlashesMax: max }) => `has too many levels: ${max} times "/" is the most`,
  atQos0: 'closes',
  before5: 'closes',
};
const TOO_LONG: PublishRefusal = {
  reason: 'topicNameInvalid',
  limit: '--max-topic-bytes',
  what: ({ topicBytesMax: max }) => `is too long: ${max} bytes are the most`,
  atQos0: 'closes',
  before5: 'closes',
};
const TOO_LARGE: PublishRefusal = {
  reason: 'quotaExceeded',
  limit: '--max-payload',
  what: ({ payloadBytesMax: max }) => `was sent too large a payload: ${max} bytes are the most`,
  atQos0: 'dropped',
  before5: 'acked',
};
const NO_MORE_TOPICS: PublishRefusal = {
  reason: 'quotaExceeded',
  limit: '--max-retained',
  what: ({ retainedMessagesMax: max }) => `cannot be retained: ${max} messages are the most`,
  atQos0: 'notRetained',
  before5: 'closes',
};
const NO_MEMORY: PublishRefusal = {
  reason: 'quotaExceeded',
  limit: '--max-memory',
  what: () => 'would have to be kept, and memory is used up',
  atQos0: 'notRetained',
  before5: 'closes',
};
const NO_MORE_BYTES: PublishRefusal = {
  ...NO_MORE_TOPICS,
  limit: '--max-retained-bytes',
  what: ({ retainedBytesMax: max }) => `cannot be retained: ${max} bytes are the most`,
};
/** Section 3.3.2.3.2. Only 5.0 can say what a payload is. */
const NOT_UTF8: PublishRefusal = {
  reason: 'payloadFormatInvalid',
  what: () => 'was sent a payload that is said to be UTF-8, and is not',
  atQos0: 'closes',
  before5: 'closes',
};

/**
 * All that is asked of each message, in one place. Topics come again and again: what
 * `findTopicRefusal` says of one holds for as long as the broker runs.
 */
export function findPublishRefusal(
  message: Message,
  { config, memory, router }: PublishJudge,
): PublishRefusal | undefined {
  return (
    findTopicRefusal(message.topicName, config) ??
    findPayloadRefusal(message.payload, message.properties.payloadFormatIndicator, config) ??
    (memory.isExhausted && isGrowing(message, router) ? NO_MEMORY : undefined) ??
    (message.isRetained ? findRoomRefusal(message, config, router) : undefined)
  );
}

/** Whether a message would be kept, and not only passed on. */
function isGrowing(message: Message, router: Router): boolean {
  if (message.isRetained && message.payload.length > 0) return true;
  return message.qos > 0 && router.isKeptBySome(message);
}

/** Whether messages to a topic are taken. */
export function findTopicRefusal(
  topicName: string,
  config: BrokerConfig,
): PublishRefusal | undefined {
  if (isReservedTopic(topicName)) return RESERVED;
  if (slashCount(topicName) > config.topicSlashesMax) return TOO_DEEP;
  return hasMoreBytes(topicName, config.topicBytesMax) ? TOO_LONG : undefined;
}

/** Whether a payload is taken; `formatIndicator` is what its sender says of it, if anything. */
export function findPayloadRefusal(
  payload: Buffer,
  formatIndicator: number | undefined,
  { payloadBytesMax, payloadFormatChecked }: BrokerConfig,
): PublishRefusal | undefined {
  if (payloadBytesMax > 0 && payload.length > payloadBytesMax) return TOO_LARGE;
  if (formatIndicator !== 1 || payloadFormatChecked === 0) return undefined;
  return isUtf8(payload) ? undefined : NOT_UTF8;
}

/** For the client and for the log. */
export function refusalText(
  { what }: PublishRefusal,
  topicName: string,
  config: BrokerConfig,
): string {
  return `topic ${quoteText(topicName.slice(0, SHOWN_MAX))} ${what(config)}`;
}

function findRoomRefusal(
  message: Message,
  { retainedMessagesMax }: BrokerConfig,
  router: Router,
): PublishRefusal | undefined {
  if (router.hasRoomToRetain(message)) return undefined;
  return router.retainedCount >= retainedMessagesMax ? NO_MORE_TOPICS : NO_MORE_BYTES;
}

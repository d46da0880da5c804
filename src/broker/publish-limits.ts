import type { ReasonName } from '../codec/reason-code.ts';
import type { Message } from '../session/message.ts';
import { hasMoreBytes, slashCount } from '../topic/topic-name.ts';
import type { BrokerConfig } from './broker-config.ts';
import { isReservedTopic } from './reserved-topic.ts';
import type { Router } from './router.ts';

/** Why this broker does not take a message, although the standard would let it. */
export interface PublishRefusal {
  /** In PUBACK or PUBREC of 5.0. */
  readonly reason: ReasonName;
  /** The option that sets the limit; undefined for what no option allows. */
  readonly limit?: string;
  /** What is wrong, behind `topic "..."`. */
  readonly what: string;
  /** QoS 0 has no ack: the message goes, the connection does, or it is passed on but not kept. */
  readonly atQos0: 'dropped' | 'closes' | 'notRetained';
  /** No ack before 5.0 can say no: one that says yes loses the message silently. */
  readonly before5: 'acked' | 'closes';
}

const RESERVED: PublishRefusal = {
  reason: 'notAuthorized',
  what: 'is for the broker alone',
  atQos0: 'dropped',
  before5: 'acked',
};
const TOO_DEEP: PublishRefusal = {
  reason: 'topicNameInvalid',
  limit: '--max-topic-levels',
  what: 'has too many levels',
  atQos0: 'closes',
  before5: 'closes',
};
const TOO_LONG: PublishRefusal = {
  reason: 'topicNameInvalid',
  limit: '--max-topic-bytes',
  what: 'is too long',
  atQos0: 'closes',
  before5: 'closes',
};
const TOO_LARGE: PublishRefusal = {
  reason: 'quotaExceeded',
  limit: '--max-payload',
  what: 'was sent a payload that is too large',
  atQos0: 'dropped',
  before5: 'acked',
};
const NO_MORE_TOPICS: PublishRefusal = {
  reason: 'quotaExceeded',
  limit: '--max-retained',
  what: 'has no retained message, and no more are kept',
  atQos0: 'notRetained',
  before5: 'closes',
};
const NO_MORE_BYTES: PublishRefusal = { ...NO_MORE_TOPICS, limit: '--max-retained-bytes' };

/**
 * All that is asked of each message, in one place. Topics come again and again: what
 * `findTopicRefusal` says of one holds for as long as the broker runs.
 */
export function findPublishRefusal(
  message: Message,
  config: BrokerConfig,
  router: Router,
): PublishRefusal | undefined {
  return (
    findTopicRefusal(message.topicName, config) ??
    findPayloadRefusal(message.payload.length, config) ??
    (message.isRetained ? findRoomRefusal(message, config, router) : undefined)
  );
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

/** Whether a payload of so many bytes is taken. */
export function findPayloadRefusal(
  payloadBytes: number,
  { payloadBytesMax }: BrokerConfig,
): PublishRefusal | undefined {
  return payloadBytesMax > 0 && payloadBytes > payloadBytesMax ? TOO_LARGE : undefined;
}

function findRoomRefusal(
  message: Message,
  { retainedMessagesMax }: BrokerConfig,
  router: Router,
): PublishRefusal | undefined {
  if (router.hasRoomToRetain(message)) return undefined;
  return router.retainedCount >= retainedMessagesMax ? NO_MORE_TOPICS : NO_MORE_BYTES;
}

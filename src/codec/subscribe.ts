import type { Buffer } from 'node:buffer';
import type {
  ProtocolLevel,
  QoS,
  RetainHandling,
  SubscribePacket,
  SubscriptionRequest,
} from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { readTopicFilter, requireTopicFilter, SHARE_PREFIX } from './topic-grammar.ts';
import { UnsendableError } from './unsendable-error.ts';

/** Reads SUBSCRIBE (section 3.8). */
export function readSubscribe(r: PacketReader): SubscribePacket {
  const packetId = r.packetId();
  const properties = readProperties(r, 'subscribe');
  const subscriptions: SubscriptionRequest[] = [];
  if (r.remaining === 0) {
    r.refuse('no-filters', 'SUBSCRIBE without a topic filter', { subjects: ['subscribe'] });
  }
  while (r.remaining > 0) {
    r.enter(`filters[${subscriptions.length}]`);
    subscriptions.push(readSubscription(r));
    r.leave();
  }
  return { type: 'subscribe', packetId, properties, subscriptions };
}

/** Writes SUBSCRIBE (section 3.8): a view, good until `w` writes again. */
export function writeSubscribe(
  w: PacketWriter,
  packet: SubscribePacket,
  level: ProtocolLevel,
): Buffer {
  const { properties, subscriptions } = packet;
  if (subscriptions.length === 0) {
    throw new UnsendableError('SUBSCRIBE without a topic filter [MQTT-3.8.3-2]');
  }
  w.begin();
  w.packetId(packet.packetId);
  writeProperties(w, 'subscribe', properties, level);
  for (const subscription of subscriptions) {
    requireTopicFilter('topicFilter', subscription.topicFilter, level);
    w.utf8('topicFilter', subscription.topicFilter);
    w.u8('options', options(subscription, level));
  }
  return w.end(firstByteOf('subscribe'));
}

function readSubscription(r: PacketReader): SubscriptionRequest {
  const topicFilter = readTopicFilter(r);
  const at = r.position;
  r.u8('options');
  return r.level === 5 ? readOptions(r, topicFilter, at) : readRequestedQos(r, topicFilter, at);
}

/** The options byte of 5.0 (section 3.8.3.1). */
function readOptions(r: PacketReader, topicFilter: string, at: number): SubscriptionRequest {
  r.enter('options');
  const reserved = r.bits('reserved', 7, 6);
  const retainHandling = r.bits('retainHandling', 5, 4);
  const isRetainAsPublished = r.bits('retainAsPublished', 3, 3) === 1;
  const isNoLocal = r.bits('noLocal', 2, 2) === 1;
  const qos = r.bits('qos', 1, 0);
  r.leave();
  if (reserved !== 0) r.refuse('options-reserved', 'reserved subscription options are set', { at });
  if (retainHandling === 3) r.refuse('retain-handling-3', 'retainHandling is 3', { at });
  if (isNoLocal && topicFilter.startsWith(SHARE_PREFIX)) {
    r.refuse('share-no-local', 'noLocal on a shared subscription', { at });
  }
  if (qos === 3) r.refuse('options-qos-3', 'the maximum QoS is 3', { at });
  return {
    topicFilter,
    qos: qos as QoS,
    isNoLocal,
    isRetainAsPublished,
    retainHandling: retainHandling as RetainHandling,
  };
}

/** The Requested QoS of 3.1.1 (section 3.8.3), whose upper bits 3.1 does not check [V31-18]. */
function readRequestedQos(r: PacketReader, topicFilter: string, at: number): SubscriptionRequest {
  r.enter('options');
  const reserved = r.bits('reserved', 7, 2);
  const qos = r.bits('qos', 1, 0);
  r.leave();
  if (reserved !== 0 && r.level === 4) {
    r.refuse('options-reserved', 'reserved bits of the requested QoS are set', { at });
  }
  if (qos === 3) r.refuse('options-qos-3', 'the requested QoS is 3', { at });
  return {
    topicFilter,
    qos: qos as QoS,
    isNoLocal: false,
    isRetainAsPublished: false,
    retainHandling: 0,
  };
}

function options(subscription: SubscriptionRequest, level: ProtocolLevel): number {
  const { isNoLocal, isRetainAsPublished, qos, retainHandling, topicFilter } = subscription;
  const more = (retainHandling << 4) | (isRetainAsPublished ? 0x08 : 0) | (isNoLocal ? 0x04 : 0);
  if (level !== 5 && more !== 0) {
    throw new UnsendableError('only MQTT 5.0 has subscription options beside QoS');
  }
  if (isNoLocal && topicFilter.startsWith(SHARE_PREFIX)) {
    throw new UnsendableError('noLocal on a shared subscription [MQTT-3.8.3-4]');
  }
  return more | qos;
}

import { Buffer } from 'node:buffer';
import type {
  AckPacket,
  ConnackPacket,
  ConnectPacket,
  PublishPacket,
  SubscribePacket,
  SubscriptionRequest,
} from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';

/** A PUBLISH that differs from the plainest one in what the test is about, and in nothing else. */
export function publishPacket(over: Partial<PublishPacket> = {}): PublishPacket {
  return {
    type: 'publish',
    qos: 0,
    isDuplicate: false,
    isRetained: false,
    topicName: 'a/b',
    packetId: undefined,
    properties: NO_PROPERTIES,
    payload: Buffer.alloc(0),
    ...over,
  };
}

/** A CONNECT of the plainest kind. */
export function connectPacket(over: Partial<ConnectPacket> = {}): ConnectPacket {
  return {
    type: 'connect',
    level: 5,
    isCleanStart: true,
    keepAliveSeconds: 60,
    clientId: 'c',
    will: undefined,
    userName: undefined,
    password: undefined,
    properties: NO_PROPERTIES,
    ...over,
  };
}

/** A CONNACK that accepts. */
export function connackPacket(over: Partial<ConnackPacket> = {}): ConnackPacket {
  return {
    type: 'connack',
    isSessionPresent: false,
    reasonCode: 0,
    properties: NO_PROPERTIES,
    ...over,
  };
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP without properties. */
export function ackPacket(type: AckPacket['type'], packetId: number, reasonCode = 0): AckPacket {
  return { type, packetId, reasonCode, properties: NO_PROPERTIES };
}

/** A SUBSCRIBE for one filter at QoS 0, but for `over`. */
export function subscribePacket(over: Partial<SubscriptionRequest> = {}): SubscribePacket {
  const plain = {
    qos: 0,
    isNoLocal: false,
    isRetainAsPublished: false,
    retainHandling: 0,
  } as const;
  return {
    type: 'subscribe',
    packetId: 1,
    properties: NO_PROPERTIES,
    subscriptions: [{ topicFilter: 'a', ...plain, ...over }],
  };
}

import type { PublishPacket } from '../../src/codec/packet.ts';

/** A message as a subscriber got it. */
export interface Delivery {
  /** The unit in whose answers it came; 0 for an observer, who has none. */
  readonly unit: number;
  /** The broker's own choice; 0 for QoS 0. */
  readonly packetId: number;
  readonly topic: string;
  /** Tells which message it is: the generator makes no two alike. */
  readonly payload: string;
  readonly qos: number;
  readonly isRetained: boolean;
  readonly isDuplicate: boolean;
  /** In a fixed order, as text. */
  readonly properties: string;
  /** Of the whole packet. */
  readonly bytes: number;
}

/** A message, with the length of its packet. */
export type SeenPublish = PublishPacket & { readonly wireBytes: number };

/** Seconds may pass while a message expires: it is told to ten of them. */
const EXPIRY_STEP_SECONDS = 10;

/**
 * @param unit the unit in whose answers it came.
 * @param aliased the topic that the packet's alias stands for.
 */
export function deliveryOf(packet: SeenPublish, unit = 0, aliased = ''): Delivery {
  const { wireBytes } = packet;
  const { isDuplicate, isRetained, packetId = 0, payload, properties, qos, topicName } = packet;
  const { messageExpiryInterval: expiry, topicAlias: _alias, ...others } = properties;
  const known = { ...others, ...(expiry === undefined ? {} : { expiry: rounded(expiry) }) };
  const sorted = Object.entries(known).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    unit,
    packetId,
    topic: topicName === '' ? aliased : topicName,
    payload: payload.toString('latin1'),
    qos,
    isRetained,
    isDuplicate,
    properties: JSON.stringify(sorted),
    bytes: wireBytes,
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds / EXPIRY_STEP_SECONDS);
}

import type { ProtocolLevel, PublishPacket } from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import { expirySecondsLeft } from '../session/message.ts';
import type { Delivery } from './publication.ts';

/** To whom a delivery goes, and as which of its attempts. */
export interface Attempt {
  readonly level: ProtocolLevel;
  /** Undefined for QoS 0 alone. */
  readonly packetId: number | undefined;
  readonly isDuplicate: boolean;
  readonly nowMs: number;
}

/** The PUBLISH that takes a message to one subscriber (section 3.3). */
export function deliveryPacket(delivery: Delivery, attempt: Attempt): PublishPacket {
  const { isReplay, message, qos } = delivery;
  const { isDuplicate, level, nowMs, packetId } = attempt;
  const properties = level === 5 ? propertiesOf(delivery, nowMs) : NO_PROPERTIES;
  // Before 5.0 live messages never have the flag [311:3.3.1-9], whoever has subscribed.
  const isRetained = delivery.isRetained && (isReplay === true || level === 5);
  const { payload, topicName } = message;
  return {
    type: 'publish',
    qos,
    isDuplicate,
    isRetained,
    topicName,
    packetId,
    properties,
    payload,
  };
}

function propertiesOf(
  { message, subscriptionIdentifiers: ids }: Delivery,
  nowMs: number,
): PropertiesOf<'publish'> {
  const expiry = expirySecondsLeft(message, nowMs);
  if (ids === undefined && expiry === undefined) return message.properties;
  return {
    ...message.properties,
    ...(expiry === undefined ? {} : { messageExpiryInterval: expiry }),
    ...(ids === undefined ? {} : { subscriptionIdentifier: ids }),
  };
}

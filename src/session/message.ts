import { Buffer } from 'node:buffer';
import type { PublishPacket, QoS } from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';

/** What a message costs in a queue beside what it says: objects and lists. */
const OVERHEAD_BYTES = 256;
/** What one user property costs beside its two texts. */
const PAIR_OVERHEAD_BYTES = 64;
const NO_PAYLOAD = Buffer.alloc(0);

/** What goes on to the subscribers as it came (section 3.3.2.3); the rest is hop by hop. */
type ForwardedProperties = Omit<
  PropertiesOf<'publish'>,
  'topicAlias' | 'subscriptionIdentifier' | 'messageExpiryInterval'
>;

/** One application message on its way: what a PUBLISH or a will said, without its packet. */
export interface Message {
  readonly topicName: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  /** The RETAIN flag as it came, which goes on to those who ask for that [MQTT-3.3.1-13]. */
  readonly isRetained: boolean;
  /** There is no room to retain it: it goes to those who are here. */
  readonly isPassing?: true;
  readonly properties: ForwardedProperties;
  /** When it is worth nothing any more, on the broker's clock; Infinity if never. */
  readonly expiresAtMs: number;
  /** The publisher's Client Identifier, for No Local [MQTT-3.8.3-3]. */
  readonly publisher: string;
}

/** A message that can be kept: its bytes are its own, and nobody changes them. */
export type KeptMessage = Message & {
  readonly isKept: true;
  /** In how many places it is kept: its bytes are there once. For an account of memory alone. */
  holders: number;
  /** What it takes of memory: all of it, or all but a payload that is read when it is asked for. */
  readonly bytes: number;
  /** What it counts for in a queue, wherever its payload is: as `messageBytes` says. */
  readonly queuedBytes: number;
  /**
   * Topic, with its length, and payload, one behind the other as in a PUBLISH without properties;
   * undefined where it is not kept in this form.
   */
  readonly wireBytes: Buffer | undefined;
};

/** The bytes that a message may be said to hold, for limits. */
export function messageBytes(
  message: Pick<Message, 'payload' | 'properties' | 'topicName'>,
): number {
  const { payload, properties, topicName } = message;
  const own = plainMessageBytes(topicName, payload.length);
  return properties === NO_PROPERTIES ? own : own + propertyBytes(properties);
}

/** The same for a message without properties. */
export function plainMessageBytes(topicName: string, payloadBytes: number): number {
  return topicName.length * 2 + payloadBytes + OVERHEAD_BYTES;
}

/** Takes from a PUBLISH or a will what is to be forwarded; the payload is still a view. */
export function messageFrom(
  packet: Pick<PublishPacket, 'payload' | 'qos' | 'isRetained'> & {
    readonly properties: PropertiesOf<'publish'> | PropertiesOf<'will'>;
  },
  topicName: string,
  publisher: string,
  nowMs: number,
): Message {
  const { isRetained, payload, properties, qos } = packet;
  const { messageExpiryInterval: expirySeconds } = properties;
  const expiresAtMs = expirySeconds === undefined ? Infinity : nowMs + expirySeconds * 1000;
  const forwarded = properties === NO_PROPERTIES ? NO_PROPERTIES : forwardedProperties(properties);
  return { topicName, payload, qos, isRetained, properties: forwarded, expiresAtMs, publisher };
}

/** The same message with bytes of its own, so that it outlives the chunk in which it came. */
export function keepMessage(message: Message): KeptMessage {
  if ('isKept' in message) return message as KeptMessage;
  return kept(message, Buffer.from(message.payload), undefined);
}

/**
 * The same for a message that will be sent to many: where it has neither properties nor an end, its
 * bytes lie as they are sent.
 */
export function keepForMany(message: Message): KeptMessage {
  const { expiresAtMs, payload, properties, topicName } = message;
  if ('isKept' in message || properties !== NO_PROPERTIES || expiresAtMs !== Infinity) {
    return keepMessage(message);
  }
  const topicBytes = Buffer.byteLength(topicName);
  const wireBytes = Buffer.allocUnsafe(2 + topicBytes + payload.length);
  wireBytes.writeUInt16BE(topicBytes);
  wireBytes.write(topicName, 2);
  payload.copy(wireBytes, 2 + topicBytes);
  return kept(message, wireBytes.subarray(2 + topicBytes), wireBytes);
}

/**
 * Each key by name: copies of all keys at once get hidden classes that V8 gives up again and again,
 * and to read a field of them took 20 times as long.
 */
function kept(message: Message, payload: Buffer, wireBytes: Buffer | undefined): KeptMessage {
  const { correlationData } = message.properties;
  const properties =
    correlationData === undefined
      ? message.properties
      : { ...message.properties, correlationData: Buffer.from(correlationData) };
  const bytes = messageBytes(message);
  return {
    topicName: message.topicName,
    payload,
    qos: message.qos,
    isRetained: message.isRetained,
    properties,
    expiresAtMs: message.expiresAtMs,
    publisher: message.publisher,
    isKept: true,
    holders: 0,
    bytes,
    queuedBytes: bytes,
    wireBytes,
  };
}

/**
 * A message whose payload is kept elsewhere, on a disk: `read` gives it, each time that it is asked
 * for.
 */
export function keepElsewhere(
  head: Omit<Message, 'payload'>,
  payloadBytes: number,
  read: () => Buffer,
): KeptMessage {
  const bytes = messageBytes({ ...head, payload: NO_PAYLOAD });
  return {
    ...head,
    isKept: true,
    holders: 0,
    bytes,
    queuedBytes: bytes + payloadBytes,
    wireBytes: undefined,
    get payload() {
      return read();
    },
  };
}

/** Whether the message has expired [MQTT-3.3.2-5]. */
export function isExpired(message: Message, nowMs: number): boolean {
  return message.expiresAtMs <= nowMs;
}

/**
 * Whole seconds that the message still has, 0 for one that came with 0 or was sent before it
 * expired [MQTT-3.3.2-6]; undefined if it does not expire.
 */
export function expirySecondsLeft(message: Message, nowMs: number): number | undefined {
  if (message.expiresAtMs === Infinity) return undefined;
  return Math.max(0, Math.ceil((message.expiresAtMs - nowMs) / 1000));
}

function forwardedProperties(
  properties: PropertiesOf<'publish'> | PropertiesOf<'will'>,
): ForwardedProperties {
  const {
    messageExpiryInterval: _expiry,
    subscriptionIdentifier: _identifier,
    topicAlias: _alias,
    willDelayInterval: _delay,
    ...forwarded
  } = properties as PropertiesOf<'publish'> & PropertiesOf<'will'>;
  return forwarded;
}

function propertyBytes(properties: ForwardedProperties): number {
  const { contentType = '', correlationData, responseTopic = '', userProperty = [] } = properties;
  let bytes = (contentType.length + responseTopic.length) * 2 + (correlationData?.length ?? 0);
  for (const [name, value] of userProperty) {
    bytes += (name.length + value.length) * 2 + PAIR_OVERHEAD_BYTES;
  }
  return bytes;
}

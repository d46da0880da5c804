import { Buffer, isUtf8 } from 'node:buffer';
import type { PublishPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { terminalText } from './terminal-text.ts';

const NEWLINE = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);

/** How `sub` shows a message. */
export interface MessageForm {
  readonly kind: 'payload' | 'verbose' | 'json';
  readonly hasNewline: boolean;
  /** A terminal is shown no control characters. */
  readonly isTerminal: boolean;
}

/** When a message came: by the wall clock, and by the one that never goes back. */
export interface Arrival {
  /** Microseconds since 1970. */
  readonly wallUs: number;
  /** Whole microseconds since the start. */
  readonly monoUs: number;
}

/** The bytes of one message for standard output, which may be none. They are its own. */
export function renderMessage(packet: PublishPacket, form: MessageForm, arrival: Arrival): Buffer {
  if (form.kind === 'json') return Buffer.from(`${renderJson(packet, arrival)}\n`);
  const { payload } = packet;
  if (payload.length === 0) return renderEmpty(packet, form);
  const end = form.hasNewline ? NEWLINE : NOTHING;
  const body = form.isTerminal ? Buffer.from(terminalText(payload)) : payload;
  const start = form.kind === 'verbose' ? Buffer.from(`${shownTopic(packet, form)} `) : NOTHING;
  return Buffer.concat([start, body, end]);
}

/** As mosquitto does: without its topic an empty message is not seen. */
function renderEmpty(packet: PublishPacket, form: MessageForm): Buffer {
  if (form.kind !== 'verbose' || !form.hasNewline) return NOTHING;
  return Buffer.from(`${shownTopic(packet, form)} (null)\n`);
}

function shownTopic({ topicName }: PublishPacket, { isTerminal }: MessageForm): string {
  return isTerminal ? terminalText(Buffer.from(topicName)) : topicName;
}

/** One object, with its keys in this order. */
function renderJson(packet: PublishPacket, { monoUs, wallUs }: Arrival): string {
  const { isDuplicate, isRetained, packetId, payload, qos, topicName } = packet;
  return JSON.stringify({
    v: 1,
    type: 'message',
    ts: renderTime(wallUs),
    mono_us: monoUs,
    topic: topicName,
    qos,
    retain: isRetained,
    dup: isDuplicate,
    packet_id: packetId,
    length: payload.length,
    ...renderBytes('payload', payload),
    properties: renderProperties(packet.properties),
  });
}

/** `2026-11-22T11:51:07.257989Z` */
function renderTime(wallUs: number): string {
  const text = new Date(Math.floor(wallUs / 1000)).toISOString();
  return text.replace('Z', `${String(wallUs % 1000).padStart(3, '0')}Z`);
}

/** Text where the bytes are text, else base64 under a name that says so. */
function renderBytes(name: string, bytes: Buffer): Readonly<Record<string, string>> {
  if (isUtf8(bytes)) return { [name]: bytes.toString() };
  return { [`${name}_base64`]: bytes.toString('base64') };
}

function renderProperties(properties: PropertiesOf<'publish'>): object | undefined {
  if (Object.keys(properties).length === 0) return undefined;
  const { correlationData } = properties;
  return {
    payload_format_indicator: properties.payloadFormatIndicator,
    message_expiry_interval: properties.messageExpiryInterval,
    content_type: properties.contentType,
    response_topic: properties.responseTopic,
    ...(correlationData === undefined ? {} : renderBytes('correlation_data', correlationData)),
    subscription_identifiers: properties.subscriptionIdentifier,
    topic_alias: properties.topicAlias,
    user_properties: properties.userProperty,
  };
}

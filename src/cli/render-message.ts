import { Buffer, isUtf8 } from 'node:buffer';
import { assert, assertNever } from '../base/assert.ts';
import type { PublishPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { localTimeUs } from './format-time.ts';
import type { MessageFormat } from './message-format.ts';
import { terminalText } from './terminal-text.ts';

const NEWLINE = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);
const NUL = Buffer.alloc(1);

/** How `sub` shows a message. */
export interface MessageForm {
  readonly kind: 'payload' | 'verbose' | 'json' | 'null' | 'format';
  /** With kind `format`. */
  readonly format?: MessageFormat | undefined;
  /** How the first two kinds show payloads; text otherwise. */
  readonly as?: 'text' | 'hex' | 'base64' | undefined;
  /** Whether the first two kinds begin with the time. */
  readonly hasTime?: boolean;
  /** Whether JSON is set out over several lines. */
  readonly isPretty?: boolean;
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

/**
 * The bytes of one message for standard output, which may be none. They are its own.
 *
 * @param onFault hears of a value that the message cannot give.
 * @throws CallerError file where the message has no such form: `%J`, and a payload that is no JSON.
 */
export function renderMessage(
  packet: PublishPacket,
  form: MessageForm,
  arrival: Arrival,
  onFault: (what: string) => void = () => {},
): Buffer {
  switch (form.kind) {
    case 'json':
      return Buffer.from(`${renderJson(packet, arrival, form.isPretty === true)}\n`);
    case 'null':
      return Buffer.concat([Buffer.from(`${packet.topicName}\0`), packet.payload, NUL]);
    case 'format':
      return renderFormat(packet, form, arrival, onFault);
    case 'payload':
    case 'verbose':
      return packet.payload.length === 0
        ? renderEmpty(packet, form, arrival)
        : renderPlain(packet, form, arrival);
    default:
      return assertNever(form.kind);
  }
}

function renderPlain(packet: PublishPacket, form: MessageForm, arrival: Arrival): Buffer {
  const end = form.hasNewline ? NEWLINE : NOTHING;
  return Buffer.concat([renderStart(packet, form, arrival), renderBody(packet, form), end]);
}

function renderBody({ payload }: PublishPacket, { as = 'text', isTerminal }: MessageForm): Buffer {
  if (as !== 'text') return Buffer.from(payload.toString(as));
  return isTerminal ? Buffer.from(terminalText(payload)) : payload;
}

function renderStart(packet: PublishPacket, form: MessageForm, { wallUs }: Arrival): Buffer {
  const time = form.hasTime === true ? `${renderLocalTime(wallUs)} ` : '';
  const topic = form.kind === 'verbose' ? `${shownTopic(packet, form)} ` : '';
  return Buffer.from(`${time}${topic}`);
}

/** `2026-11-22T12:51:07.257+0100` */
function renderLocalTime(wallUs: number): string {
  return localTimeUs(wallUs).replace(/(\.\d{3})\d{3}/, '$1');
}

function renderFormat(
  packet: PublishPacket,
  { format, hasNewline, isPretty = false, isTerminal }: MessageForm,
  { wallUs }: Arrival,
  onFault: (what: string) => void,
): Buffer {
  assert(format !== undefined, 'the form has a format');
  const body = format.render({ packet, wallUs, isPretty, isTerminal, onFault });
  return hasNewline ? Buffer.concat([body, NEWLINE]) : body;
}

/** As mosquitto does: without its topic an empty message is not seen. */
function renderEmpty(packet: PublishPacket, form: MessageForm, arrival: Arrival): Buffer {
  if (form.kind !== 'verbose' || !form.hasNewline) return NOTHING;
  return Buffer.concat([renderStart(packet, form, arrival), Buffer.from('(null)\n')]);
}

function shownTopic({ topicName }: PublishPacket, { isTerminal }: MessageForm): string {
  return isTerminal ? terminalText(Buffer.from(topicName)) : topicName;
}

/** One object, with its keys in this order. */
function renderJson(packet: PublishPacket, { monoUs, wallUs }: Arrival, isPretty: boolean): string {
  const { isDuplicate, isRetained, packetId, payload, qos, topicName } = packet;
  const message = {
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
  };
  return JSON.stringify(message, undefined, isPretty ? 2 : 0);
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

import { Buffer, isUtf8 } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { PublishPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { localTimeUs } from './format-time.ts';
import { compactJson, indentJson, type JsonTokens, jsonTokens } from './json-text.ts';

/** How the payload stands in it: as a text, or as the JSON that it is. */
export type JsonPayload = 'text' | 'json';

/**
 * A message as the object of `%j` and `%J`, with its keys in mosquitto's order.
 *
 * @throws CallerError file for `json` if the payload is none.
 */
export function mosquittoJson(
  packet: PublishPacket,
  wallUs: number,
  payload: JsonPayload,
  isPretty: boolean,
): string {
  const members = [
    member('tst', localTimeUs(wallUs)),
    member('topic', packet.topicName),
    member('qos', packet.qos),
    member('retain', packet.isRetained),
    member('payloadlen', packet.payload.length),
    ...(packet.packetId === undefined ? [] : [member('mid', packet.packetId)]),
    ...propertyMembers(packet.properties),
    payload === 'text' ? textMember(packet.payload) : `"payload":${jsonPayload(packet)}`,
  ];
  const text = `{${members.join(',')}}`;
  if (!isPretty) return text;
  return indentJson(jsonTokens(text) as JsonTokens); // It was made just now: it is JSON.
}

function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function textMember(payload: Buffer): string {
  return payload.length === 0 ? member('payload', null) : bytesMember('payload', payload);
}

/** Text where the bytes are text; else base64, under a name that says so. */
function bytesMember(name: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return member(name, bytes.toString());
  return member(`${name}_base64`, bytes.toString('base64'));
}

function jsonPayload({ payload, topicName }: PublishPacket): string {
  const text = payload.toString(isUtf8(payload) ? 'utf8' : 'latin1');
  const found = isUtf8(payload) ? jsonTokens(text) : ({ kind: 'fault', at: 0 } as const);
  if (found.kind === 'tokens') return compactJson(found);
  const byte = Buffer.byteLength(text.slice(0, found.at));
  throw new CallerError('file', `payload on ${quoteless(topicName)} is not JSON (byte ${byte})`);
}

/** As it stands in a message to a person: in quotes only where it would mislead without. */
function quoteless(topicName: string): string {
  return /^[\w./-]+$/.test(topicName) ? topicName : quoteText(topicName);
}

function propertyMembers(properties: PropertiesOf<'publish'>): string[] {
  const members = Object.entries(properties).map(([name, value]) => propertyMember(name, value));
  return members.length === 0 ? [] : [`"properties":{${members.join(',')}}`];
}

function propertyMember(name: string, value: unknown): string {
  const word = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (name === 'correlationData') return bytesMember(word, value as Buffer);
  if (name === 'userProperty') {
    const pairs = value as readonly (readonly [string, string])[];
    return `"user-properties":[${pairs.map(([key, text]) => `{${member(key, text)}}`).join(',')}]`;
  }
  if (name === 'subscriptionIdentifier') {
    const ids = value as readonly number[];
    return member(word, ids.length === 1 ? ids[0] : ids);
  }
  return member(word, value);
}

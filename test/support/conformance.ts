import { Buffer } from 'node:buffer';
import type { PublishPacket, SubscriptionRequest, Will } from '../../src/codec/packet.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';
import { type BrokerWorld, subscribePacket, type TestClient } from './broker-world.ts';
import { publishPacket } from './packets.ts';

export const LEVELS = [3, 4, 5] as const;
/** A session that outlives its connection. */
export const KEPT = { sessionExpiryInterval: 1_000 };

/** `open`, `closed` without a word, or what was said before closing, as `disconnect 0x82`. */
export function outcome(client: TestClient): string {
  if (!client.isClosed) return 'open';
  const { last } = client;
  if (last?.type !== 'disconnect' && last?.type !== 'connack') return 'closed';
  if (last.type === 'connack' && last.reasonCode === 0) return 'closed';
  return `${last.type} 0x${last.reasonCode.toString(16).padStart(2, '0')}`;
}

/** A will that says `gone` to the topic `will`. */
export function willOf(over: Partial<Will> = {}): Will {
  const payload = Buffer.from('gone');
  return { topicName: 'will', payload, qos: 0, isRetained: false, properties: {}, ...over };
}

/** A message with this text, to `t`; QoS 1 and 2 have packet id 1. */
export function message(
  text: string,
  over: Partial<PublishPacket> & { readonly properties?: PropertiesOf<'publish'> } = {},
): PublishPacket {
  const packetId = (over.qos ?? 0) === 0 ? undefined : 1;
  return publishPacket({ topicName: 't', payload: Buffer.from(text), packetId, ...over });
}

/** Has a client of its own publish these, in order. */
export function publish(world: BrokerWorld, ...packets: PublishPacket[]): TestClient {
  const client = world.connect({ clientId: 'publisher' });
  client.take();
  client.send(...packets);
  return client;
}

/** A client of 5.0 that has subscribed with these options. */
export function subscriberWith(
  world: BrokerWorld,
  requests: readonly (Partial<SubscriptionRequest> & { readonly topicFilter: string })[],
  properties: PropertiesOf<'subscribe'> = {},
): TestClient {
  const client = world.connect({ clientId: 'subscriber' });
  client.send(subscribePacket(requests, { properties }));
  return client;
}

interface ConnectParts {
  readonly name?: string;
  readonly level?: number;
  readonly flags?: number;
  /** As hex; of 5.0 with their length. */
  readonly properties?: string;
  /** As hex; the client id `c1` if it is left out. */
  readonly payload?: string;
  readonly firstByte?: number;
}

/** CONNECT as bytes, with whatever is wrong with it. */
export function connectBytes(parts: ConnectParts = {}): Buffer {
  const { firstByte = 0x10, flags = 0x02, level = 5, payload = '0002 6331' } = parts;
  const name = Buffer.from(parts.name ?? (level === 3 ? 'MQIsdp' : 'MQTT'));
  const properties = parts.properties ?? (level === 5 ? '00' : '');
  const body = Buffer.concat([
    Buffer.of(0, name.length),
    name,
    Buffer.of(level, flags, 0, 0),
    bytes(properties),
    bytes(payload),
  ]);
  return Buffer.concat([Buffer.of(firstByte, body.length), body]);
}

/** A packet of less than 128 bytes with this body. */
export function frame(firstByte: number, body: string): Buffer {
  const content = bytes(body);
  return Buffer.concat([Buffer.of(firstByte, content.length), content]);
}

/** Bytes from hex with blanks. */
export function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import {
  expirySecondsLeft,
  isExpired,
  keepElsewhere,
  keepForMany,
  keepMessage,
  type Message,
  messageBytes,
  messageFrom,
} from '../../src/session/message.ts';
import { publishPacket } from '../support/packets.ts';

function message(over: Partial<Message> = {}): Message {
  return { ...messageFrom(publishPacket(), 'a/b', 'publisher', 0), ...over };
}

it('takes over what goes on to subscribers, and nothing that is hop by hop [MQTT-3.3.2-20]', () => {
  const forwarded = {
    payloadFormatIndicator: 1,
    contentType: 'text/plain',
    responseTopic: 'r',
    correlationData: Buffer.from('c'),
    userProperty: [['a', '1'] as const, ['a', '2'] as const],
  };
  const packet = publishPacket({
    qos: 1,
    packetId: 7,
    isRetained: true,
    isDuplicate: true,
    topicName: '',
    payload: Buffer.from('x'),
    properties: {
      ...forwarded,
      messageExpiryInterval: 5,
      topicAlias: 3,
      subscriptionIdentifier: [9],
    },
  });
  expect(messageFrom(packet, 'a/b', 'publisher', 1000)).toEqual({
    topicName: 'a/b',
    payload: Buffer.from('x'),
    qos: 1,
    isRetained: true,
    properties: forwarded,
    expiresAtMs: 6000,
    publisher: 'publisher',
  });
});

it('takes a will without its delay [MQTT-3.1.3-9]', () => {
  const will = { ...publishPacket(), properties: { willDelayInterval: 9, contentType: 't' } };
  expect(messageFrom(will, 'w', 'p', 0).properties).toEqual({ contentType: 't' });
});

it('shares the one object of no properties', () => {
  expect(message().properties).toBe(NO_PROPERTIES);
});

it('expires when its interval has passed, and not before [MQTT-3.3.2-5]', () => {
  const expiring = message({ expiresAtMs: 5000 });
  expect(isExpired(expiring, 4999)).toBe(false);
  expect(isExpired(expiring, 5000)).toBe(true);
  expect(isExpired(message(), Number.MAX_SAFE_INTEGER)).toBe(false);
});

it('tells the whole seconds that are left, begun ones too [MQTT-3.3.2-6]', () => {
  const expiring = message({ expiresAtMs: 5000 });
  expect(expirySecondsLeft(expiring, 0)).toBe(5);
  expect(expirySecondsLeft(expiring, 1001)).toBe(4);
  expect(expirySecondsLeft(expiring, 4999)).toBe(1);
  expect(expirySecondsLeft(expiring, 5000)).toBe(0);
  expect(expirySecondsLeft(expiring, 60_000)).toBe(0);
  expect(expirySecondsLeft(message(), 0)).toBeUndefined();
});

it('keeps bytes of its own', () => {
  const chunk = Buffer.from('payload and data');
  const view = message({
    payload: chunk.subarray(0, 7),
    properties: { correlationData: chunk.subarray(12), contentType: 't' },
  });
  const kept = keepMessage(view);
  chunk.fill(0);
  expect(kept.payload.toString()).toBe('payload');
  expect(kept.properties.correlationData?.toString()).toBe('data');
  expect(kept.properties.contentType).toBe('t');
});

it('is copied once, however often it is kept', () => {
  const kept = keepMessage(message());
  expect(keepMessage(kept)).toBe(kept);
  expect(keepForMany(kept)).toBe(kept);
});

it('keeps for many what is sent as it is, in bytes of its own', () => {
  const chunk = Buffer.from('payload');
  const kept = keepForMany(message({ topicName: 'ä/b', payload: chunk }));
  chunk.fill(0);
  expect(kept.payload.toString()).toBe('payload');
  expect(kept.wireBytes?.toString('latin1')).toBe('\0\x04\xc3\xa4/bpayload');
  expect(kept).toEqual({ ...keepMessage(kept), wireBytes: kept.wireBytes });
});

it('keeps for many as a message what has more to it', () => {
  const properties = { contentType: 't' };
  expect(keepForMany(message({ properties })).wireBytes).toBeUndefined();
  expect(keepForMany(message({ expiresAtMs: 5000 })).wireBytes).toBeUndefined();
});

it('weighs its topic, its payload and each property', () => {
  const plain = messageBytes(message());
  const payload = Buffer.alloc(1000);
  expect(messageBytes(message({ payload }))).toBe(plain + 1000);
  expect(messageBytes(message({ topicName: 'a/b/c' }))).toBe(plain + 4);
  const texts = { contentType: 'x'.repeat(10), responseTopic: 'y'.repeat(10) };
  expect(messageBytes(message({ properties: texts }))).toBe(plain + 40);
  const correlationData = Buffer.alloc(500);
  expect(messageBytes(message({ properties: { correlationData } }))).toBe(plain + 500);
});

it('weighs many empty user properties, so that they pass no limit unseen', () => {
  const userProperty = Array.from({ length: 1000 }, () => ['', ''] as const);
  const weight = messageBytes(message({ properties: { userProperty } }));
  expect(weight).toBeGreaterThan(messageBytes(message()) + 50_000);
});

it('reads a payload that is kept elsewhere each time that it is asked for', () => {
  const { payload, ...head } = message({ payload: Buffer.from('far away') });
  let count = 0;
  const kept = keepElsewhere(head, payload.length, () => {
    count += 1;
    return payload;
  });
  expect([kept.queuedBytes, kept.bytes]).toEqual([
    messageBytes(message()) + 8,
    messageBytes(message()),
  ]);
  expect([keepMessage(kept) === kept, count]).toEqual([true, 0]);
  expect([kept.payload, kept.payload, count]).toEqual([payload, payload, 2]);
});

import { expect, it } from 'vitest';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { subscribePacket } from '../support/packets.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('subscribe.hex');
testVectors('subscribe-refused.hex');

it.each([
  ['an empty filter [MQTT-4.7.3-1]', { topicFilter: '' }],
  ['a misplaced # [MQTT-4.7.1-1]', { topicFilter: 'a#' }],
  ['a misplaced + [MQTT-4.7.1-2]', { topicFilter: '+a' }],
  ['a share without a name [MQTT-4.8.2-1]', { topicFilter: '$share//t' }],
  ['a share without a filter [MQTT-4.8.2-2]', { topicFilter: '$share/g/' }],
  ['No Local on a share [MQTT-3.8.3-4]', { topicFilter: '$share/g/t', isNoLocal: true }],
  ['half a surrogate pair [MQTT-3.8.3-1]', { topicFilter: '\ud800' }],
])('does not send %s', (_what, over) => {
  expect(() => writeFrame(subscribePacket(over))).toThrow(UnsendableError);
});

it('does not send a SUBSCRIBE without a filter [MQTT-3.8.3-2]', () => {
  const packet = { ...subscribePacket(), subscriptions: [] };
  expect(() => writeFrame(packet)).toThrow(UnsendableError);
});

it('does not send a second subscription identifier', () => {
  const packet = { ...subscribePacket(), properties: { subscriptionIdentifier: [1, 2] } };
  expect(() => writeFrame(packet)).toThrow(UnsendableError);
});

it.each([
  ['no local', subscribePacket({ isNoLocal: true })],
  ['retain as published', subscribePacket({ isRetainAsPublished: true })],
  ['retain handling', subscribePacket({ retainHandling: 1 })],
  ['properties', { ...subscribePacket(), properties: { subscriptionIdentifier: [1] } }],
])('does not send %s before 5.0', (_what, packet) => {
  expect(() => writeFrame(packet, 4)).toThrow(UnsendableError);
});

import { expect, it } from 'vitest';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { publishPacket } from '../support/packets.ts';
import { readFrame } from '../support/read-frame.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('publish.hex');
testVectors('publish-refused.hex');

it('gives the payload as a view of the bytes', () => {
  const frame = hex`30 06 00 01 74 00 68 69`;
  const packet = readFrame(frame);
  frame.fill(0x78, 6);
  expect(packet).toMatchObject({ payload: hex`78 78` });
});

it.each([
  ['a packet id at QoS 0 [MQTT-2.2.1-2]', { packetId: 1 }],
  ['no packet id at QoS 1 [MQTT-2.2.1-3]', { qos: 1 }],
  ['packet id 0 [MQTT-2.2.1-3]', { qos: 1, packetId: 0 }],
  ['a packet id of three bytes', { qos: 2, packetId: 65_536 }],
  ['DUP at QoS 0 [MQTT-3.3.1-2] [MQTT-4.3.1-1]', { isDuplicate: true }],
  ['an empty topic name without an alias [MQTT-4.7.3-1]', { topicName: '' }],
  ['a wildcard [MQTT-3.3.2-2]', { topicName: 'a/+' }],
  ['U+0000 in the topic name [MQTT-4.7.3-2]', { topicName: 'a\0' }],
  ['half a surrogate pair [MQTT-1.5.4-1]', { topicName: '\udc00' }],
  ['a topic name of 65,536 bytes [MQTT-4.7.3-3]', { topicName: `${'ä'.repeat(32_767)}aa` }],
  ['alias 0 [MQTT-3.3.2-8]', { properties: { topicAlias: 0 } }],
  ['a wildcard in the response topic [MQTT-3.3.2-14]', { properties: { responseTopic: '#' } }],
] as const)('does not send %s', (_what, over) => {
  expect(() => writeFrame(publishPacket(over))).toThrow(UnsendableError);
});

it.each([
  ['properties', { properties: { contentType: 'text/plain' } }],
  ['an alias in place of the topic name', { topicName: '', properties: { topicAlias: 1 } }],
  ['an empty topic name [311:4.7.3-1]', { topicName: '' }],
])('does not send %s before 5.0', (_what, over) => {
  expect(() => writeFrame(publishPacket(over), 4)).toThrow(UnsendableError);
});

import { expect, it } from 'vitest';
import type { UnsubackPacket, UnsubscribePacket } from '../../src/codec/packet.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('unsubscribe.hex');

function unsubscribe(...topicFilters: string[]): UnsubscribePacket {
  return { type: 'unsubscribe', packetId: 1, properties: {}, topicFilters };
}

function unsuback(...reasonCodes: number[]): UnsubackPacket {
  return { type: 'unsuback', packetId: 1, properties: {}, reasonCodes };
}

it.each([
  ['an UNSUBSCRIBE without a filter [MQTT-3.10.3-2]', 5, unsubscribe()],
  ['an empty filter [MQTT-4.7.3-1]', 5, unsubscribe('a', '')],
  ['a share without a name [MQTT-4.8.2-1]', 5, unsubscribe('$share//a')],
  ['properties before 5.0', 4, { ...unsubscribe('a'), properties: { userProperty: [['', '']] } }],
  ['an UNSUBACK without a code [MQTT-3.11.3-2]', 5, unsuback()],
  ['a code that UNSUBACK does not have', 5, unsuback(0x01)],
  ['a code before 5.0', 4, unsuback(0)],
  ['UNSUBACK properties before 5.0', 4, { ...unsuback(), properties: { reasonString: 'x' } }],
] as const)('does not send %s', (_what, level, packet) => {
  expect(() => writeFrame(packet, level)).toThrow(UnsendableError);
});

it('sends before 5.0 a filter that would be a broken share in it', () => {
  expect(() => writeFrame(unsubscribe('$share//a'), 4)).not.toThrow();
});

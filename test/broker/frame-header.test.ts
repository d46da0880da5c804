import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { lengthBytes, putHeader } from '../../src/broker/frame-header.ts';

it.each([
  [0, '3000'],
  [127, '307f'],
  [128, '308001'],
  [16_383, '30ff7f'],
  [16_384, '30808001'],
  [2_097_151, '30ffff7f'],
  [2_097_152, '3080808001'],
  [268_435_455, '30ffffff7f'],
])('writes a length of %s in its shortest form [MQTT-1.5.5-1]', (length, wanted) => {
  const bytes = Buffer.alloc(10, 0xee);
  const end = putHeader(bytes, 2, 0x30, length);
  expect(bytes.subarray(2, end).toString('hex')).toBe(wanted);
  expect([end - 3, bytes[1], bytes[end]]).toEqual([lengthBytes(length), 0xee, 0xee]);
});

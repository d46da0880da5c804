import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { readTcpSegment } from '../../src/inspect/tcp-segment.ts';
import { tcp } from '../support/wire.ts';

it('reads ports, numbers and flags', () => {
  const segment = readTcpSegment(tcp({ seq: 7, ack: 9, flags: 'F', data: 'c000' }));
  expect(segment).toEqual({
    sourcePort: 40_000,
    destinationPort: 1883,
    sequence: 7,
    acknowledged: 9,
    isSyn: false,
    isFin: true,
    isReset: false,
    dataStart: 20,
  });
  expect(readTcpSegment(tcp({ flags: 'SR' }))).toMatchObject({
    acknowledged: undefined,
    isSyn: true,
    isReset: true,
  });
});

it('finds the data behind options', () => {
  const bytes = tcp({ data: '01010101c000' });
  bytes.writeUInt8(0x60, 12);
  expect(readTcpSegment(bytes)?.dataStart).toBe(24);
});

it('reads nothing from a cut header, or one that is too short', () => {
  expect(readTcpSegment(tcp({}).subarray(0, 19))).toBeUndefined();
  const bytes = tcp({});
  bytes.writeUInt8(0x40, 12);
  expect(readTcpSegment(bytes)).toBeUndefined();
  expect(readTcpSegment(Buffer.alloc(0))).toBeUndefined();
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import type { SenderSide } from '../../src/codec/reason-code.ts';
import { hex } from '../support/hex.ts';
import { packets } from '../support/packet-arbitraries.ts';
import { readerOf, readFrame } from '../support/read-frame.ts';
import { testVectors } from '../support/test-vectors.ts';
import { writeFrame } from '../support/write-frame.ts';

testVectors('header.hex');
testVectors('unflagged-by-tshark.hex');

const sender = fc.constantFrom<SenderSide>('client', 'server', 'either');
const level = fc.constantFrom<ProtocolLevel>(3, 4, 5);

/** Reads, and lets nothing but a ProtocolError pass; true if there was a packet. */
function isRead(frame: Buffer, at: ProtocolLevel, from: SenderSide): boolean {
  const r = readerOf(frame, at, from);
  try {
    readPacket(r);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(r.position).toBeLessThanOrEqual(frame.length);
    expect(error.offset).toBeLessThanOrEqual(frame.length);
    return false;
  }
  expect(r.remaining).toBe(0);
  return true;
}

describe('any bytes', () => {
  it('behind any header end in a packet or a ProtocolError', () => {
    const body = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(fc.nat(255), body, level, sender, (first, bytes, at, from) => {
        isRead(Buffer.from([first, bytes.length, ...bytes]), at, from);
      }),
      { numRuns: 3000 },
    );
  });

  it('in place of some of a packet end in a packet or a ProtocolError', () => {
    const wounds = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(packets, wounds, level, sender, ({ level: own, packet }, changes, at, from) => {
        const frame = writeFrame(packet, own);
        const headerBytes = 1 + lengthBytes(frame);
        for (const [offset, byte] of changes) {
          const index = headerBytes + (offset % Math.max(1, frame.length - headerBytes));
          if (index < frame.length) frame[index] = byte;
        }
        isRead(frame, at, from);
      }),
      { numRuns: 1000 },
    );
  });

  it('that are cut off are never read as more than there is', () => {
    fc.assert(
      fc.property(packets, fc.nat(), ({ level: own, packet }, cut) => {
        const frame = writeFrame(packet, own);
        isRead(frame.subarray(0, 1 + (cut % frame.length)), own, 'either');
      }),
    );
  });
});

function lengthBytes(frame: Buffer): number {
  const last = frame.findIndex((byte, index) => index > 0 && byte < 0x80);
  return last;
}

it('reads one packet and asserts that there is no other behind it', () => {
  expect(() => readFrame(hex`c0 00 c0 00`)).toThrow('Bug in mqttk');
});

it('reads a packet that lies within a larger buffer', () => {
  const r = readerOf(hex`ff ff 40 02 00 07 ff ff`);
  r.reset(hex`ff ff 40 02 00 07 ff ff`, 2, 6);
  expect(readPacket(r)).toMatchObject({ type: 'puback', packetId: 7 });
});

it('knows the packet by name once its type is read', () => {
  const r = readerOf(hex`82 00`);
  expect(() => readPacket(r)).toThrow(ProtocolError);
  expect(r.packetName).toBe('subscribe');
});

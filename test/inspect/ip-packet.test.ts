import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readIpPacket } from '../../src/inspect/ip-packet.ts';
import { ipv4, ipv6 } from '../support/wire.ts';

const DATA = Buffer.from('payload!');

it('reads what IPv4 carries, without what fills up the frame', () => {
  const packet = readIpPacket(Buffer.concat([ipv4(DATA), Buffer.alloc(6)]));
  expect(packet).toMatchObject({ protocol: 6, missingBytes: 0, fragment: undefined });
  expect(packet?.payload.toString()).toBe('payload!');
  expect(packet?.source.join('.')).toBe('10.0.0.1');
});

it('passes over the options of IPv4', () => {
  const bytes = ipv4(Buffer.concat([Buffer.alloc(4), DATA]));
  bytes.writeUInt8(0x46, 0);
  expect(readIpPacket(bytes)?.payload.toString()).toBe('payload!');
});

it('takes a length of zero for all that is there, as a card leaves it that cuts by itself', () => {
  const bytes = ipv4(DATA);
  bytes.writeUInt16BE(0, 2);
  expect(readIpPacket(bytes)?.payload.toString()).toBe('payload!');
});

it('counts what was sent and not kept', () => {
  for (const bytes of [ipv4(DATA), ipv6(DATA)]) {
    const packet = readIpPacket(bytes.subarray(0, -3));
    expect(packet?.missingBytes).toBe(3);
    expect(packet?.payload.toString()).toBe('paylo');
  }
});

it('walks the headers between IPv6 and what it carries', () => {
  const chain = Buffer.from(`${'2b00000000000000'}${'3300000000000000'}`, 'hex');
  const ah = Buffer.from('0601000000000000 00000000'.replace(' ', ''), 'hex');
  const packet = readIpPacket(ipv6(Buffer.concat([chain, ah, DATA]), 0));
  expect(packet).toMatchObject({ protocol: 6, fragment: undefined });
  expect(packet?.payload.toString()).toBe('payload!');
});

it('reads the fragments of both versions', () => {
  const packet = readIpPacket(ipv4(DATA, { fragment: 0x2002, id: 7 }));
  expect(packet?.fragment).toEqual({ id: 7, start: 16, isLast: false });
  const header = Buffer.from('0600001100000009', 'hex');
  const later = readIpPacket(ipv6(Buffer.concat([header, DATA]), 44));
  expect(later).toMatchObject({ protocol: 6, fragment: { id: 9, start: 16, isLast: false } });
  const whole = Buffer.from('0600000000000009', 'hex');
  expect(readIpPacket(ipv6(Buffer.concat([whole, DATA]), 44))?.fragment).toBeUndefined();
});

it('throws at no bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0x45, 0x4f, 0x60),
      fc.uint8Array({ maxLength: 80 }),
      (first, rest) => {
        const packet = readIpPacket(Buffer.from([first, ...rest]));
        expect(packet?.payload.length ?? 0).toBeLessThanOrEqual(rest.length);
      },
    ),
    { numRuns: 2000 },
  );
});

import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IpFragments, WAITING_PACKETS_MAX } from '../../src/inspect/ip-fragments.ts';
import type { IpPacket } from '../../src/inspect/ip-packet.ts';

const DATA = Buffer.from('0123456789abcdef'.repeat(4));

function part(start: number, length: number, id = 1): IpPacket {
  return {
    source: Buffer.from([10, 0, 0, 1]),
    destination: Buffer.from([10, 0, 0, 2]),
    protocol: 6,
    payload: DATA.subarray(start, start + length),
    missingBytes: 0,
    fragment: { id, start, isLast: start + length === DATA.length },
  };
}

it('joins fragments that come in any order, overlap or come twice', () => {
  const parts = [part(0, 16), part(16, 24), part(32, 16), part(40, 24), part(16, 24)];
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: 5 }), (shuffled) => {
      const fragments = new IpFragments();
      const whole = shuffled.map((packet) => fragments.join(packet)).filter(Boolean);
      expect(whole[0]?.payload.equals(DATA)).toBe(true);
      expect(whole[0]?.fragment).toBeUndefined();
    }),
  );
});

it('passes on what is no fragment, and keeps packets apart by their number', () => {
  const fragments = new IpFragments();
  const whole = { ...part(0, 64), fragment: undefined };
  expect(fragments.join(whole)).toBe(whole);
  expect(fragments.join(part(0, 32, 1))).toBeUndefined();
  expect(fragments.join(part(32, 32, 2))).toBeUndefined();
  expect(fragments.join(part(32, 32, 1))?.payload.equals(DATA)).toBe(true);
});

it('gives up the packet that began first when too many wait', () => {
  const fragments = new IpFragments();
  for (let id = 0; id <= WAITING_PACKETS_MAX; id += 1) fragments.join(part(0, 32, id));
  expect(fragments.join(part(32, 32, 1))).toBeDefined();
  expect(fragments.join(part(32, 32, 0))).toBeUndefined();
});

it('leaves out fragments that were cut, or that reach behind the end of any packet', () => {
  const fragments = new IpFragments();
  expect(fragments.join({ ...part(0, 32), missingBytes: 1 })).toBeUndefined();
  const far = { ...part(32, 32), fragment: { id: 1, start: 65_528, isLast: true } };
  expect(fragments.join(far)).toBeUndefined();
  expect(fragments.join(part(32, 32))).toBeUndefined();
  expect(fragments.join(part(0, 32))).toBeDefined();
});

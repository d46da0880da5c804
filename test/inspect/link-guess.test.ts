import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { guessLink } from '../../src/inspect/link-guess.ts';

const IP = Buffer.from(
  '4500002a00004000400626cc0a0000010a0000029c40075b000003e9000007d5501802002a6e0000c000',
  'hex',
);
const ETHERNET = Buffer.concat([Buffer.alloc(12), Buffer.from('0800', 'hex'), IP]);

it.each([
  ['raw IP', 101, IP],
  ['Ethernet', 1, ETHERNET],
  ['Ethernet that was filled up', 1, Buffer.concat([ETHERNET, Buffer.alloc(4)])],
  ['Linux "any"', 113, Buffer.concat([Buffer.alloc(14), Buffer.from('0800', 'hex'), IP])],
  ['loopback', 0, Buffer.concat([Buffer.from('02000000', 'hex'), IP])],
])('knows %s', (_what, linkType, frame) => {
  expect(guessLink(frame)).toBe(linkType);
});

it('takes nothing else for a packet of the network', () => {
  const udp = Buffer.from(IP);
  udp[9] = 17;
  expect(guessLink(udp)).toBeUndefined();
  expect(guessLink(Buffer.from('c000', 'hex'))).toBeUndefined();
  expect(guessLink(Buffer.concat([IP, Buffer.alloc(100)]))).toBeUndefined();
});

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { ipStart, isKnownLink } from '../../src/inspect/link-layer.ts';
import { ethernet, ipv4, ipv6 } from '../support/wire.ts';

const IP = ipv4(Buffer.from('data'));
const prefixed = (hex: string) => Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), IP]);

it.each([
  ['Ethernet', 1, ethernet(IP), 14],
  ['Ethernet with IPv6', 1, ethernet(ipv6(Buffer.alloc(8)), '', '86dd'), 14],
  ['a VLAN', 1, ethernet(IP, '8100 0005'), 18],
  ['a VLAN in a VLAN', 1, ethernet(IP, '88a8 0005 8100 0006'), 22],
  [
    'PPPoE',
    1,
    ethernet(Buffer.concat([Buffer.alloc(6), Buffer.from('0021', 'hex'), IP]), '', '8864'),
    22,
  ],
  ['the loopback of BSD', 0, prefixed('02000000'), 4],
  ['the loopback of OpenBSD', 108, prefixed('00000002'), 4],
  ['raw IP', 101, IP, 0],
  ['raw IP of old', 12, IP, 0],
  ['raw IP of OpenBSD', 14, IP, 0],
  ['raw IPv4', 228, IP, 0],
  ['raw IPv6', 229, ipv6(Buffer.alloc(8)), 0],
  ['Linux "any"', 113, prefixed('0000 0001 0006 000000000000 0000 0800'), 16],
  ['Linux "any" of today', 276, prefixed('0800 0000 00000001 0001 00 06 000000000000 0000'), 20],
])('finds IP in %s', (_what, linkType, frame, start) => {
  expect(isKnownLink(linkType)).toBe(true);
  expect(ipStart(linkType, frame)).toBe(start);
});

it.each([
  ['ARP', 1, ethernet(IP, '', '0806')],
  ['what is no IP by its version', 101, Buffer.from('50', 'hex')],
  ['a cut frame', 1, Buffer.alloc(13)],
  ['a cut tag', 1, ethernet(Buffer.alloc(2), '', '8100')],
  ['nothing', 101, Buffer.alloc(0)],
  ['a link that is not known', 147, IP],
])('finds none in %s', (_what, linkType, frame) => {
  expect(ipStart(linkType, frame)).toBeUndefined();
});

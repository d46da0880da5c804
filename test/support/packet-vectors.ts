import type { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { hex } from './hex.ts';

/** A packet that breaks no rule in this version. */
export interface PacketVector {
  readonly title: string;
  readonly level: ProtocolLevel;
  readonly bytes: Buffer;
}

/** Each packet at least once, the forms that share a layout once, in each version that differs. */
export const PACKET_VECTORS: readonly PacketVector[] = [
  {
    title: 'CONNECT with user name, password and properties',
    level: 5,
    bytes: hex`10 2b 00 04 4d515454 05 c2 003c 08 11 00000e10 21 0014
      0007 70726573732d37 0005 6c696e6531 0006 736563726574`,
  },
  {
    title: 'CONNECT with a will and authentication',
    level: 5,
    bytes: hex`10 28 00 04 4d515454 05 2e 0000 0a 15 0001 6d 16 0003 010203
      0000  05 18 00000001  0003 772f74 0004 676f6e65`,
  },
  {
    title: 'CONNECT of 3.1.1 with a will',
    level: 4,
    bytes: hex`10 14 00 04 4d515454 04 06 003c 0001 74 0001 77 0002 0001`,
  },
  { title: 'CONNECT of 3.1', level: 3, bytes: hex`10 0f 00 06 4d5149736470 03 02 003c 0001 74` },
  { title: 'CONNACK', level: 5, bytes: hex`20 0b 00 00 08 22 000a 12 0002 6964` },
  { title: 'CONNACK of 3.1.1', level: 4, bytes: hex`20 02 01 00` },
  {
    title: 'PUBLISH with every kind of property',
    level: 5,
    bytes: hex`33 29 0003 612f62 0005 1d 01 01 02 0000003c 23 0003 08 0001 72 09 0002 cafe
      0b 8001 26 0001 6e 0001 76  32312e35`,
  },
  { title: 'PUBLISH with an alias alone', level: 5, bytes: hex`30 06 0000 03 23 0003` },
  { title: 'PUBLISH of 3.1.1 at QoS 2 again', level: 4, bytes: hex`3c 07 0001 74 0007 6869` },
  { title: 'PUBACK in its shortest form', level: 5, bytes: hex`40 02 0001` },
  { title: 'PUBREC with a code', level: 5, bytes: hex`50 03 0001 10` },
  { title: 'PUBREL with a reason string', level: 5, bytes: hex`62 08 0001 92 04 1f 0001 78` },
  { title: 'PUBCOMP of 3.1.1', level: 4, bytes: hex`70 02 0001` },
  {
    title: 'SUBSCRIBE with two filters',
    level: 5,
    bytes: hex`82 0f 0001 02 0b 07 0003 612f62 29 0001 23 02`,
  },
  { title: 'SUBSCRIBE of 3.1.1', level: 4, bytes: hex`82 08 000a 0003 612f2b 01` },
  { title: 'SUBACK', level: 5, bytes: hex`90 05 0001 00 01 80` },
  { title: 'SUBACK of 3.1.1', level: 4, bytes: hex`90 04 0001 02 80` },
  { title: 'UNSUBSCRIBE', level: 5, bytes: hex`a2 08 0001 00 0003 612f62` },
  { title: 'UNSUBACK', level: 5, bytes: hex`b0 05 0001 00 00 11` },
  { title: 'UNSUBACK of 3.1.1', level: 4, bytes: hex`b0 02 0001` },
  { title: 'PINGREQ', level: 5, bytes: hex`c0 00` },
  { title: 'PINGRESP', level: 4, bytes: hex`d0 00` },
  { title: 'DISCONNECT in its shortest form', level: 5, bytes: hex`e0 00` },
  { title: 'DISCONNECT with an expiry', level: 5, bytes: hex`e0 07 04 05 11 0000000a` },
  { title: 'AUTH', level: 5, bytes: hex`f0 0a 18 08 15 0001 6d 16 0001 ff` },
];

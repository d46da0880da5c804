import { Buffer } from 'node:buffer';
import type { Random } from '../../src/base/random.ts';
import type { ProtocolLevel } from '../../src/codec/packet.ts';

/** Few, so that runs come about; all but the last rows are topics. */
const TOPICS = ['a', 'a/b', 'a/b/c', 'ä/b', '$x/y', 'long/'.repeat(12)].map((text) =>
  Buffer.from(text),
);
const ODD_TOPICS = [
  Buffer.from(''),
  Buffer.from('a/#'),
  Buffer.from('+'),
  Buffer.from('a\0b'),
  Buffer.from('a\u0001b'),
  Buffer.from([0x61, 0xff, 0x62]),
  Buffer.from('$SYS/x'),
  Buffer.from('a/a/a/a/a/a/a/a'),
  Buffer.from(`${'x'.repeat(300)}/b`),
];
/** Property sections with their length: none, some that may be, and some that may not. */
const SECTIONS = [
  ...['00', '00', '00'],
  '0726000161000162', // A user property.
  '080300016108000162', // Content type and response topic.
  '080800016203000161', // The same in another order.
  '020101', // The payload is UTF-8.
  '04090001ff', // Correlation data.
].map((hex) => Buffer.from(hex, 'hex'));
const ODD_SECTIONS = [
  '0101', // Payload Format Indicator without its value.
  '020101', // UTF-8.
  '0502000000ff', // Message Expiry Interval.
  '050200000000', // Expires at once.
  '03230001', // Topic Alias 1.
  '03230009', // One that is too high.
  '0802000000ff03000161', // Message Expiry Interval and content type.
  '050800026123', // A response topic with a wildcard.
  '0e0800016126000161000162030001', // Cut.
  '0a03000161080001610b01', // With an identifier, which clients may not send.
  '8000', // A length in a longer form than need be.
].map((hex) => Buffer.from(hex, 'hex'));
const PAYLOADS = [0, 1, 5, 40, 40, 40, 130];

/** A part of a packet: mostly one of those that are as they should be, sometimes another. */
function part<T>(random: Random, usual: readonly T[], odd: readonly T[]): T {
  const list = random.chance(4) ? odd : usual;
  return list[random.below(list.length)] as T;
}

/** What goes on from frame to frame, so that runs come about. */
export interface FrameHabit {
  qos: number;
  flags: number;
  topic: Buffer;
  section: Buffer;
}

/** Bytes of a PUBLISH whose parts are mostly right, and sometimes one is wrong. */
export function publishFrame(random: Random, level: ProtocolLevel, habit: FrameHabit): Buffer {
  if (!random.chance(70)) changeHabit(random, habit);
  const { flags, qos, section, topic } = habit;
  const id = part(random, [1 + random.below(30), 1 + random.below(60)], [0, 65_535]);
  const payload = Buffer.alloc(part(random, PAYLOADS, [700, 20_000]), 97 + random.below(26));
  const parts = [Buffer.from([topic.length >> 8, topic.length & 0xff]), topic];
  if (qos > 0) parts.push(Buffer.from([id >> 8, id & 0xff]));
  if (level === 5) parts.push(section);
  parts.push(payload);
  const whole = Buffer.concat(parts);
  const body = random.chance(1) ? whole.subarray(0, random.below(whole.length + 1)) : whole;
  return Buffer.concat([header(random, 0x30 | flags | (qos << 1), body.length), body]);
}

/** The parts of the frames that come next. */
export function changeHabit(random: Random, habit: Partial<FrameHabit>): FrameHabit {
  return Object.assign(habit, {
    qos: part(random, [0, 1, 1, 2], [0, 1, 2, 3]),
    flags: part(random, [0], [1, 8, 9]),
    topic: part(random, TOPICS, ODD_TOPICS),
    section: part(random, SECTIONS, ODD_SECTIONS),
  });
}

function header(random: Random, first: number, length: number): Buffer {
  const bytes = [first];
  let left = length;
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  const last = bytes.length - 1;
  // A longer form than need be, which 3.1.1 allows.
  if (last < 4 && random.chance(1)) bytes.splice(last, 1, (bytes[last] ?? 0) | 0x80, 0);
  return Buffer.from(bytes);
}

import { Buffer } from 'node:buffer';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Random } from '../src/base/random.ts';
import { FrameSplitter } from '../src/codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../src/codec/packet.ts';
import { PacketReader } from '../src/codec/packet-reader.ts';
import { PacketWriter } from '../src/codec/packet-writer.ts';
import { ProtocolError } from '../src/codec/protocol-error.ts';
import { readPacket } from '../src/codec/read-packet.ts';
import type { SenderSide } from '../src/codec/reason-code.ts';
import { writePacket } from '../src/codec/write-packet.ts';
import { packets } from '../test/support/packet-arbitraries.ts';

/**
 * Feeds broken packets to the codec: `npm run fuzz -- [CASES] [SEED]`. What comes out must keep the
 * laws below; the first case that breaks one is printed as hex, and the exit code is 1.
 */
const [countText = '100000', seedText = String(Date.now() % 2 ** 31)] = process.argv.slice(2);

const SEED_PACKETS = 2000;
/** Bytes at which something changes: ends of ranges, continuation bits, wildcards, UTF-8 leads. */
const TELLING_BYTES = [
  0x00, 0x01, 0x03, 0x23, 0x2b, 0x2f, 0x7f, 0x80, 0xc0, 0xed, 0xef, 0xf4, 0xff,
];

interface Case {
  readonly frame: Buffer;
  readonly level: ProtocolLevel;
  readonly sender: SenderSide;
}

/** What a reader made of a case; two readers agree if these are equal. */
type Outcome =
  | { readonly packet: Packet; readonly level: ProtocolLevel }
  | { readonly rule: string; readonly offset: number | undefined; readonly level: ProtocolLevel };

/** What must hold for every case: says what is wrong, or nothing. Another reader is another law. */
type Law = (fuzzed: Case, outcome: Outcome, random: Random) => string | undefined;

/** Ends a read that takes more steps than a packet has bytes: it would not end by itself. */
class BoundedReader extends PacketReader {
  #steps = 0;

  override reset(bytes: Buffer, start: number, end: number): void {
    super.reset(bytes, start, end);
    this.#steps = 0;
  }

  protected override claim(length: number, field: string): number {
    this.#steps += 1;
    if (this.#steps > 2 * this.end + 10) throw new Error(`${field} is read without end`);
    return super.claim(length, field);
  }
}

const reader = new BoundedReader();
const writer = new PacketWriter();

const LAWS: readonly Law[] = [
  function refusesWithinTheFrame({ frame }, outcome) {
    if ('packet' in outcome) return undefined;
    const { offset } = outcome;
    const isWithin = offset !== undefined && offset >= 0 && offset <= frame.length;
    return isWithin ? undefined : `refused at ${offset}`;
  },

  function writesWhatItReads({ sender }, outcome) {
    if (!('packet' in outcome)) return undefined;
    const { level, packet } = outcome;
    const frame = Buffer.from(writePacket(writer, packet, level));
    const again = read({ frame, level, sender });
    return isDeepStrictEqual(again, outcome) ? undefined : `read again as ${render(again)}`;
  },

  function splitsAnywhereAlike({ frame }, _outcome, random) {
    const stream = Buffer.concat([frame, frame, Buffer.from([0xc0, 0x00])]);
    const whole = split([stream]);
    const cut = split(cutAnywhere(stream, random));
    return isDeepStrictEqual(cut, whole) ? undefined : `split as ${cut} and not as ${whole}`;
  },
];

/** Only a ProtocolError is an outcome: all else ends the run. */
function read({ frame, level, sender }: Case): Outcome {
  reader.level = level;
  reader.sender = sender;
  reader.reset(frame, 0, frame.length);
  try {
    const packet = readPacket(reader);
    if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes were not read`);
    return { packet, level: reader.level };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { rule: error.rule, offset: error.offset, level: reader.level };
  }
}

/** What a splitter tells its target, in order, up to its refusal. */
function split(chunks: readonly Buffer[]): string[] {
  const told: string[] = [];
  const splitter = new FrameSplitter({
    onHeader: (firstByte, packetBytes) => told.push(`header ${firstByte} ${packetBytes}`),
    onFrame: (frame) => told.push(frame.toString('hex')),
  });
  try {
    for (const chunk of chunks) splitter.push(chunk);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    told.push(error.rule);
    return told;
  }
  told.push(`held ${splitter.heldBytes}`);
  return told;
}

function cutAnywhere(stream: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  const lengthMax = random.chance(30) ? 2 : stream.length;
  for (let at = 0; at < stream.length; ) {
    const end = Math.min(stream.length, at + 1 + random.below(lengthMax));
    chunks.push(stream.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Takes a valid packet, wounds it, and mostly mends its length so that the wound is reached. */
function makeCase(seeds: readonly Case[], random: Random): Case {
  const seed = pick(seeds, random);
  const level = random.chance(85) ? seed.level : pick([3, 4, 5] as const, random);
  const sender = pick(['client', 'server', 'either'] as const, random);
  if (random.chance(3)) return { frame: framed(noise(40, random), random), level, sender };
  const other = pick(seeds, random).frame;
  let bytes = seed.frame;
  for (let left = random.below(4); left > 0; left -= 1) bytes = wound(bytes, other, random);
  return { frame: framed(bytes, random), level, sender };
}

function wound(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(Math.min(bytes.length, 80));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const count = 1 + random.below(4);
  switch (random.below(7)) {
    case 0: // Another byte.
      return Buffer.concat([before, Buffer.from([pick(TELLING_BYTES, random)]), after.subarray(1)]);
    case 1: // One bit.
      return Buffer.concat([
        before,
        Buffer.from([(after[0] ?? 0) ^ (1 << random.below(8))]),
        after.subarray(1),
      ]);
    case 2: // A number, a length say, that is one off.
      return Buffer.concat([
        before,
        Buffer.from([(after[0] ?? 0) + (random.chance(50) ? 1 : 255)]),
        after.subarray(1),
      ]);
    case 3: // Bytes too many.
      return Buffer.concat([before, noise(count, random), after]);
    case 4: // Bytes too few.
      return Buffer.concat([before, after.subarray(count)]);
    case 5: // The same again: a field, a property.
      return Buffer.concat([before, after.subarray(0, 2 * count), after]);
    default: // The end of another packet.
      return Buffer.concat([before, other.subarray(Math.min(other.length, at))]);
  }
}

/** These bytes as one packet, which is what a splitter hands on: the first byte, then a length. */
function framed(bytes: Buffer, random: Random): Buffer {
  const lengthEnd = bytes.findIndex((byte, at) => at > 0 && (byte < 0x80 || at === 4));
  const body = bytes.subarray(lengthEnd < 0 ? bytes.length : lengthEnd + 1);
  const first = bytes[0] ?? 0;
  const digits = [body.length & 0x7f, (body.length >> 7) & 0x7f, body.length >> 14];
  const shortest = 1 + digits.findLastIndex((digit, at) => digit > 0 || at === 0);
  const count = Math.min(3, shortest + (random.chance(4) ? 1 : 0));
  const length = digits.slice(0, count).map((digit, at) => (at < count - 1 ? digit | 0x80 : digit));
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)] as T;
}

function render(value: unknown): string {
  return JSON.stringify(value);
}

/** @throws Error with the case in hex, if it breaks a law. */
function judge(fuzzed: Case, laws: readonly Law[], random: Random): Outcome {
  try {
    const outcome = read(fuzzed);
    for (const law of laws) {
      const wrong = law(fuzzed, outcome, random);
      if (wrong !== undefined) throw new Error(`${law.name}: ${wrong}`);
    }
    return outcome;
  } catch (error) {
    const { frame, level, sender } = fuzzed;
    const cause = error instanceof Error ? error.stack : String(error);
    throw new Error(`level ${level}, from ${sender}: ${frame.toString('hex')}\n${cause}`);
  }
}

/** Valid packets of all versions, to be wounded; whole, they must be read as what was written. */
function makeSeeds(seed: number, random: Random): Case[] {
  return fc.sample(packets, { numRuns: SEED_PACKETS, seed }).map(({ level, packet }) => {
    const frame = Buffer.from(writePacket(writer, packet, level));
    const whole: Case = { frame, level, sender: 'either' };
    const readsBack: Law = (_whole, outcome) =>
      isDeepStrictEqual(outcome, { packet, level }) ? undefined : `not ${render(packet)}`;
    judge(whole, [readsBack], random);
    return whole;
  });
}

/** @throws Error that holds the first case that breaks a law. */
function fuzz(count: number, seed: number): string {
  const random = new Random(seed);
  const seeds = makeSeeds(seed, random);
  const rules = new Set<string>();
  let readCount = 0;
  for (let index = 0; index < count; index += 1) {
    const outcome = judge(makeCase(seeds, random), LAWS, random);
    if ('packet' in outcome) readCount += 1;
    else rules.add(outcome.rule);
  }
  return `${count} cases: ${readCount} packets, the others refused by ${rules.size} rules`;
}

const [count, seed] = [Number(countText), Number(seedText)];
if (!Number.isInteger(count) || !Number.isInteger(seed) || count < 1) {
  process.stderr.write('usage: npm run fuzz -- [CASES] [SEED]\n');
  process.exitCode = 2;
} else {
  process.stdout.write(`seed ${seed}\n`);
  try {
    process.stdout.write(`${fuzz(count, seed)}\n`);
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

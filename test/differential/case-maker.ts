import { Buffer } from 'node:buffer';
import { Random } from '../../src/base/random.ts';
import { makeConnect } from './connect-maker.ts';
import { type Level, PacketMaker } from './packet-maker.ts';
import { type Bytes, splitUnits, u16 } from './wire.ts';

/** What both brokers are told to take at most: what a header names beyond it is refused by it. */
export const PACKET_BYTES_MAX = 5000;
/** In how many of 100 parts of a packet that is to have a fault there is one. */
const WRONG_PERCENT = 9;

/** One connection of the client. */
export interface Leg {
  /** Whole packets, as their receiver cuts them; each is answered before the next is looked at. */
  readonly units: readonly Bytes[];
  /** The start of a packet that never ends: the connection is lost behind it. */
  readonly torn: Bytes;
}

/** What a client does, byte by byte; between its connections others publish. */
export interface DifferentialCase {
  readonly legs: readonly Leg[];
}

/** The same case for the same seed. */
export function makeCase(seed: number): DifferentialCase {
  const random = new Random(seed);
  const maker = new PacketMaker(drawLevel(random), random);
  // Of this case alone: what one broker keeps of it is nobody else's.
  const clientId = random.chance(95) ? `c${random.below(2 ** 31).toString(36)}` : '';
  const legCount = random.chance(25) ? 2 : 1;
  // Half of the cases are about CONNECT, and short.
  const isLong = random.chance(70);
  return {
    legs: Array.from({ length: legCount }, () => {
      // A session can go on in another version.
      if (random.chance(20)) maker.level = drawLevel(random);
      return makeLeg(maker, clientId, isLong);
    }),
  };
}

function drawLevel(random: Random): Level {
  return ([3, 4, 5, 5, 5] as const)[random.below(5)] ?? 5;
}

function makeLeg(maker: PacketMaker, clientId: string, isLong: boolean): Leg {
  const frames: Bytes[] = [];
  maker.spoil(isLong && maker.chance(90) ? 0 : 4);
  if (!maker.isWrong) frames.push(makeConnect(maker, clientId));
  const count = isLong ? 1 + maker.below(8) : maker.below(2);
  for (let index = 0; index < count; index += 1) {
    maker.spoil(maker.chance(22) ? WRONG_PERCENT : 0);
    frames.push(...makeStep(maker, clientId));
  }
  maker.spoil(0);
  if (maker.chance(30)) frames.push(maker.disconnect());
  const torn = maker.chance(10) ? maker.publish().bytes : Buffer.alloc(0);
  return {
    units: splitUnits(Buffer.concat(frames), PACKET_BYTES_MAX),
    torn: torn.subarray(0, maker.below(torn.length)),
  };
}

/** A packet, mostly; a flow of packets where one alone would never come to its end. */
function makeStep(maker: PacketMaker, clientId: string): Bytes[] {
  const share = maker.below(100);
  if (share < 38) return makePublishFlow(maker);
  if (share < 60) return [maker.subscribe()];
  if (share < 67) return [maker.unsubscribe()];
  if (share < 84) return [maker.ack(maker.pick([4, 5, 6, 7] as const))];
  if (share < 87) return [maker.pingreq()];
  if (share < 92) return [maker.disconnect()];
  if (share < 94) return [maker.auth()];
  if (share < 97) return [maker.foreign()];
  if (share < 98) return [makeConnect(maker, clientId)];
  return maker.isWrong ? [maker.noise()] : [maker.publish().bytes];
}

/** QoS 2 is mostly brought to its end at once. */
function makePublishFlow(maker: PacketMaker): Bytes[] {
  const { bytes, id, qos } = maker.publish();
  if (qos !== 2 || id === undefined || maker.chance(5)) return [bytes];
  return [bytes, maker.ack(6, u16(id))];
}

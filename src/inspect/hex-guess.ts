import { Buffer } from 'node:buffer';
import { PACKET_TYPES, type PacketName } from '../codec/packet-type.ts';
import { cleanBytes, hasFirstPacket, isCleanChain, swapped } from './clean-chain.ts';
import { isClean } from './inspect-packet.ts';
import { withHeader } from './packet-body.ts';
import { WebSocketSide } from './websocket-side.ts';

/** Another way to take bytes that begin with no packet. */
export interface HexGuess {
  readonly bytes: Buffer;
  readonly direction: 'c2s' | 's2c' | 'unknown';
  readonly note: string;
}

/** Bodies that hold enough to be known by themselves. */
const TELLING: readonly PacketName[] = ['connect', 'subscribe'];

/** A way to read bytes that begin with no packet, by which all are packets without a fault. */
export function guessReading(bytes: Buffer): HexGuess | undefined {
  // A short frame looks like a SUBSCRIBE, by its length.
  const ways = hasFirstPacket(bytes) ? [inWebSocket] : [inPairs, inDecimal, inWebSocket];
  if (cleanBytes(bytes) > 0) return undefined;
  return ways.map((read) => read(bytes)).find(isConvincing);
}

function isConvincing(guess: HexGuess | undefined): guess is HexGuess {
  return guess !== undefined && isCleanChain(guess.bytes);
}

/** The packet whose body bytes are that begin with no packet: only its fixed header is missing. */
export function guessBody(bytes: Buffer): PacketName | undefined {
  if (bytes.length < 8) return undefined;
  return TELLING.find((name) => {
    const { flags } = PACKET_TYPES[name];
    const frame = withHeader(name, flags === 'own' ? 0 : flags, bytes);
    return isClean(frame, 4) || isClean(frame, 5);
  });
}

function inPairs(bytes: Buffer): HexGuess | undefined {
  return { bytes: swapped(bytes), direction: 'unknown', note: 'bytes were swapped in pairs' };
}

function inDecimal(bytes: Buffer): HexGuess | undefined {
  const pairs = bytes.toString('hex').match(/../g) ?? [];
  if (!pairs.every((pair) => /^\d\d$/.test(pair))) return undefined;
  const note = 'pairs of digits were read as decimal numbers';
  return { bytes: Buffer.from(pairs.map(Number)), direction: 'unknown', note };
}

function inWebSocket(bytes: Buffer): HexGuess | undefined {
  const parts: Buffer[] = [];
  const side = new WebSocketSide({ onPayload: (data) => parts.push(data.bytes), onNote() {} });
  side.push({ bytes, timeMs: undefined, byte: 0 });
  if (side.isUnreadable) return undefined;
  const direction = side.isMasked === true ? 'c2s' : 's2c';
  return {
    bytes: Buffer.concat(parts),
    direction,
    note: 'bytes were taken out of WebSocket frames',
  };
}

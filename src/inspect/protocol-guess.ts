import type { Buffer } from 'node:buffer';

/** What the bytes that a client sends first are; `unclear` while they are too few to tell. */
export type ProtocolGuess = 'connect' | 'http' | 'tls' | 'other' | 'unclear';

const HTTP_GET = 'GET ';
/** CONNECT, and what follows its Remaining Length: `MQTT` or `MQIsdp` with their length. */
const CONNECT_BYTE = 0x10;
const PROTOCOL_NAMES = ['00044d515454', '00064d5149736470'];
const LENGTH_BYTES_MAX = 4;
/** TLS records are of these types; 3 follows in all versions. */
const TLS_TYPES = { first: 0x14, last: 0x17 } as const;

/** Tells by its first bytes what one side of a connection speaks. */
export function guessProtocol(bytes: Buffer): ProtocolGuess {
  const first = bytes[0];
  if (first === undefined) return 'unclear';
  if (first === CONNECT_BYTE) return guessConnect(bytes);
  if (first >= TLS_TYPES.first && first <= TLS_TYPES.last) {
    if (bytes.length < 3) return 'unclear';
    return bytes[1] === 3 && (bytes[2] ?? 0) <= 4 ? 'tls' : 'other';
  }
  const start = bytes.toString('latin1', 0, HTTP_GET.length);
  if (!HTTP_GET.startsWith(start)) return 'other';
  return start === HTTP_GET ? 'http' : 'unclear';
}

function guessConnect(bytes: Buffer): ProtocolGuess {
  let at = 1;
  while (at <= LENGTH_BYTES_MAX && (bytes[at] ?? 0) >= 0x80) at += 1;
  if (at > LENGTH_BYTES_MAX) return 'other';
  const name = bytes.toString('hex', at + 1, at + 9);
  if (PROTOCOL_NAMES.some((known) => name.startsWith(known))) return 'connect';
  return PROTOCOL_NAMES.some((known) => known.startsWith(name)) ? 'unclear' : 'other';
}

import { assert, assertNever } from '../base/assert.ts';
import { readAck } from './ack.ts';
import { readConnack } from './connack.ts';
import { readConnect } from './connect.ts';
import { readAuth, readDisconnect } from './disconnect.ts';
import type { Packet } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { PACKET_TYPES, type PacketName, packetNameOf } from './packet-type.ts';
import { readPublish, readPublishFlags } from './publish.ts';
import { readSuback } from './suback.ts';
import { readSubscribe } from './subscribe.ts';
import { readUnsuback, readUnsubscribe } from './unsubscribe.ts';

/** Packets whose size the versions before 5.0 fix, in bytes behind the fixed header. */
const FIXED_LENGTHS: { readonly [P in PacketName]?: number } = {
  connack: 2,
  puback: 2,
  pubrec: 2,
  pubrel: 2,
  pubcomp: 2,
  unsuback: 2,
  disconnect: 0,
};

/**
 * Reads the one packet that the reader points at, by `r.level` and `r.sender`; CONNECT sets the
 * level itself.
 *
 * The reader points at one packet, from its first byte to its last; one cut short is read as far as
 * it goes. Payloads and other binary fields are views: whoever keeps them copies them.
 *
 * @throws ProtocolError for whatever breaks a rule of the standard about bytes.
 */
export function readPacket(r: PacketReader): Packet {
  const headerAt = r.position;
  const firstByte = r.u8('header');
  r.enter('header');
  r.bits('type', 7, 4);
  const name = packetNameOf(firstByte);
  if (name === undefined || (name === 'auth' && r.level !== 5)) {
    throw r.error('reserved-type', `packet type ${firstByte >> 4} is reserved`, { at: headerAt });
  }
  r.packetName = name;
  checkDirection(r, name, headerAt);
  const publishFlags = name === 'publish' ? readPublishFlags(r) : undefined;
  const flags = name === 'publish' ? 0 : r.bits('flags', 3, 0);
  r.leave();
  const lengthAt = r.position;
  // CONNECT alone is read before its version, and so the rule for its length, is known.
  const isLater = name === 'connect';
  const length = r.varint('remainingLength', isLater || r.level !== 5 ? 'any' : 'shortest');
  const lengthBytes = r.position - lengthAt;
  assert(r.remaining <= length, 'the reader points at one packet and nothing behind it');
  if (name !== 'connect') checkFlags(r, name, flags, headerAt);
  const isWrongLength = checkLength(r, name, length);
  if (publishFlags !== undefined) return readPublish(r, publishFlags);
  const packet = readBody(r, name as Exclude<PacketName, 'publish'>, () => {
    checkFlags(r, name, flags, headerAt);
    if (r.level === 5) checkShortest(r, length, lengthBytes, lengthAt);
  });
  if (r.remaining > 0) {
    if (!isWrongLength) r.refuse('trailing-bytes', `${r.remaining} bytes after the last field`);
    r.skip('undecoded', r.remaining);
  }
  return packet;
}

function readBody(
  r: PacketReader,
  name: Exclude<PacketName, 'publish'>,
  checkHeader: () => void,
): Packet {
  switch (name) {
    case 'connect':
      return readConnect(r, checkHeader);
    case 'connack':
      return readConnack(r);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return readAck(r, name);
    case 'subscribe':
      return readSubscribe(r);
    case 'suback':
      return readSuback(r);
    case 'unsubscribe':
      return readUnsubscribe(r);
    case 'unsuback':
      return readUnsuback(r);
    case 'pingreq':
    case 'pingresp':
      return { type: name };
    case 'disconnect':
      return readDisconnect(r);
    case 'auth':
      return readAuth(r);
    default:
      return assertNever(name);
  }
}

/** Table 2-1 says which side sends a packet; before 5.0 only a client sends DISCONNECT. */
function checkDirection(r: PacketReader, name: PacketName, at: number): void {
  const { sentBy } = PACKET_TYPES[name];
  const allowed = name === 'disconnect' && r.level !== 5 ? 'client' : sentBy;
  if (allowed === 'either' || r.sender === 'either' || r.sender === allowed) return;
  r.refuse('direction', `${name.toUpperCase()} is not for a ${r.sender} to send`, { at });
}

/** MQTT 3.1 leaves the flags of these packets unused, or with another meaning [V31-4] [V31-5]. */
function checkFlags(r: PacketReader, name: PacketName, flags: number, at: number): void {
  const expected = PACKET_TYPES[name].flags;
  if (expected === 'own' || r.level === 3 || flags === expected) return;
  const is = flags.toString(2).padStart(4, '0');
  const should = expected.toString(2).padStart(4, '0');
  const message = `the flags of ${name.toUpperCase()} are ${is}, not ${should}`;
  r.refuse('flags', message, { at, subjects: [name] });
}

/** Refuses a packet of fixed size that has another; true where a reader goes on after that. */
function checkLength(r: PacketReader, name: PacketName, length: number): boolean {
  const isPing = name === 'pingreq' || name === 'pingresp';
  const expected = isPing ? 0 : FIXED_LENGTHS[name];
  if (expected === undefined || (r.level === 5 && !isPing) || length === expected) return false;
  const message = `${name.toUpperCase()} has ${length} bytes after its header, not ${expected}`;
  r.refuse('wrong-length', message);
  return true;
}

function checkShortest(r: PacketReader, length: number, lengthBytes: number, at: number): void {
  const shortest = 1 + Number(length > 127) + Number(length > 16_383) + Number(length > 2_097_151);
  if (lengthBytes === shortest) return;
  r.refuse('length-not-minimal', 'remainingLength is longer than it need be', { at });
}

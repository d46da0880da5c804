import type { Buffer } from 'node:buffer';
import type { ConnectPacket, ProtocolLevel, QoS, Will } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PropertiesOf } from './properties.ts';
import { readProperties, writeProperties } from './property-section.ts';
import { readTopicName, requireTopicName } from './topic-grammar.ts';
import { UnsendableError } from './unsendable-error.ts';

/** The longest Client Identifier of MQTT 3.1 [V31-7], in characters. */
const CLIENT_ID_CHARS_MAX_V31 = 23;
/** What is no name of a protocol may be anything, a password too. */
const NAME_SHOWN_MAX = 12;
const CLIENT_ID_LONG = `clientId has more than ${CLIENT_ID_CHARS_MAX_V31} characters`;

/** What the Connect Flags say about the rest of the packet (section 3.1.2.3). */
interface ConnectFlags {
  readonly hasUserName: boolean;
  readonly hasPassword: boolean;
  readonly isWillRetained: boolean;
  readonly willQos: QoS;
  readonly hasWill: boolean;
  readonly isCleanStart: boolean;
}

/**
 * Reads CONNECT (section 3.1), from the Protocol Name on, and sets the reader's level by it.
 *
 * @throws ProtocolError unsupportedProtocolVersion with `r.level` 5 where the answer has the form
 *   of 5.0, and 4 or 3 where it has the older one [MQTT-3.1.2-2] [311:3.1.2-2] [V31-30].
 */
export function readConnect(r: PacketReader, checkHeader: () => void): ConnectPacket {
  const level = readLevel(r);
  r.level = level;
  checkHeader();
  const flags = readFlags(r);
  const keepAliveSeconds = r.u16('keepAlive');
  const propertiesAt = r.position;
  const properties = readProperties(r, 'connect');
  checkAuthentication(r, properties, propertiesAt);
  r.enter('payload');
  const clientId = readClientId(r, flags.isCleanStart);
  const will = flags.hasWill ? readWill(r, flags) : undefined;
  const userName = flags.hasUserName ? readUserName(r) : undefined;
  const password = flags.hasPassword ? readPassword(r) : undefined;
  r.leave();
  checkEnd(r, flags);
  const { isCleanStart } = flags;
  return {
    type: 'connect',
    level,
    isCleanStart,
    keepAliveSeconds,
    clientId,
    will,
    userName,
    password,
    properties,
  };
}

/** Writes CONNECT (section 3.1): a view, good until `w` writes again. */
export function writeConnect(w: PacketWriter, packet: ConnectPacket): Buffer {
  const { clientId, level, password, properties, userName, will } = packet;
  requireConsistent(packet);
  w.begin();
  w.utf8('protocolName', level === 3 ? 'MQIsdp' : 'MQTT');
  w.u8('protocolLevel', level);
  w.u8('connectFlags', connectFlags(packet));
  w.u16('keepAlive', packet.keepAliveSeconds);
  writeProperties(w, 'connect', properties, level);
  w.utf8('clientId', clientId);
  if (will !== undefined) {
    requireTopicName('willTopic', will.topicName);
    writeProperties(w, 'will', will.properties, level);
    w.utf8('willTopic', will.topicName);
    w.binary('willPayload', will.payload);
  }
  if (userName !== undefined) w.utf8('userName', userName);
  if (password !== undefined) w.binary('password', password);
  return w.end(firstByteOf('connect'));
}

/** Name first, then level: `MQIsdp` goes with 3, `MQTT` with 4 and 5 [V31-1]. */
function readLevel(r: PacketReader): ProtocolLevel {
  const nameAt = r.position + 2;
  const name = r.utf8('protocolName');
  if (name !== 'MQTT' && name !== 'MQIsdp') {
    const shown = JSON.stringify(name.slice(0, NAME_SHOWN_MAX));
    r.refuse('protocol-name', `protocolName is ${shown}`, { at: nameAt });
  }
  const levelAt = r.position;
  const level = r.u8('protocolLevel');
  if (name === 'MQIsdp' ? level === 3 : level === 4 || level === 5) return level as ProtocolLevel;
  r.level = nearestLevel(name, level);
  r.refuse('protocol-level', `${name} has no protocol level ${level}`, { at: levelAt });
  return r.level;
}

/** The version in whose form a peer of an unknown one is answered. */
function nearestLevel(name: string, level: number): ProtocolLevel {
  if (name === 'MQIsdp') return 3;
  return level > 5 ? 5 : 4;
}

function readFlags(r: PacketReader): ConnectFlags {
  const at = r.position;
  r.u8('connectFlags');
  r.enter('connectFlags');
  const hasUserName = r.bits('userName', 7, 7) === 1;
  const hasPassword = r.bits('password', 6, 6) === 1;
  const isWillRetained = r.bits('willRetain', 5, 5) === 1;
  const willQos = r.bits('willQos', 4, 3);
  const hasWill = r.bits('will', 2, 2) === 1;
  const isCleanStart = r.bits('cleanStart', 1, 1) === 1;
  const reserved = r.bits('reserved', 0, 0);
  r.leave();
  // MQTT 3.1 left the reserved bit free [V31-3], and the will's bits without a will [V31-13].
  if (reserved !== 0 && r.level !== 3) {
    r.refuse('connect-reserved', 'the reserved connect flag is set', { at });
  }
  if (hasWill && willQos === 3) r.refuse('will-qos-3', 'willQos is 3', { at });
  if (!hasWill && r.level !== 3) refuseWillBits(r, willQos, isWillRetained, at);
  if (hasPassword && !hasUserName && r.level !== 5) {
    r.refuse('password-alone', 'a password without a user name', { at });
  }
  return {
    hasUserName,
    hasPassword,
    isWillRetained,
    willQos: willQos as QoS,
    hasWill,
    isCleanStart,
  };
}

function refuseWillBits(r: PacketReader, qos: number, isRetained: boolean, at: number): void {
  if (qos !== 0) {
    r.refuse('will-bits', `willQos is ${qos} without a will`, { at, subjects: ['willQos'] });
  }
  if (isRetained) {
    r.refuse('will-bits', 'willRetain is set without a will', { at, subjects: ['willRetain'] });
  }
}

function checkAuthentication(
  r: PacketReader,
  { authenticationData, authenticationMethod }: PropertiesOf<'connect'>,
  at: number,
): void {
  if (authenticationData === undefined || authenticationMethod !== undefined) return;
  r.refuse('auth-method', 'authentication data without a method', { at, subjects: ['connect'] });
}

function readClientId(r: PacketReader, isCleanStart: boolean): string {
  requireField(r, 'clientId', 'clientId');
  const at = r.position;
  const clientId = r.utf8('clientId');
  if (clientId === '' && (r.level === 3 || (r.level === 4 && !isCleanStart))) {
    r.refuse('client-id-empty', 'clientId is empty', { at });
  }
  if (isTooLong(clientId, r.level)) r.refuse('client-id-long', CLIENT_ID_LONG, { at });
  return clientId;
}

function isTooLong(clientId: string, level: ProtocolLevel): boolean {
  return level === 3 && [...clientId].length > CLIENT_ID_CHARS_MAX_V31;
}

function readWill(r: PacketReader, flags: ConnectFlags): Will {
  requireField(r, 'will', 'the will');
  r.enter('will');
  const properties = readProperties(r, 'will');
  requireField(r, 'will', 'willTopic');
  const topicName = readTopicName(r, 'willTopic', 'notEmpty');
  requireField(r, 'will', 'willPayload');
  const payload = r.binary('willPayload');
  r.leave();
  return { topicName, payload, qos: flags.willQos, isRetained: flags.isWillRetained, properties };
}

/** MQTT 3.1 lets the Remaining Length overrule the flag [V31-11]. */
function readUserName(r: PacketReader): string | undefined {
  if (r.level === 3 && r.remaining === 0) return undefined;
  requireField(r, 'userName', 'userName');
  return r.utf8('userName');
}

function readPassword(r: PacketReader): Buffer | undefined {
  if (r.level === 3 && r.remaining === 0) return undefined;
  requireField(r, 'password', 'password');
  return r.binary('password');
}

function requireField(r: PacketReader, subject: string, field: string): void {
  if (r.remaining > 0) return;
  throw r.error('connect-field-missing', `${field} is missing`, { subjects: [subject] });
}

function checkEnd(r: PacketReader, flags: ConnectFlags): void {
  if (r.remaining === 0) return;
  const message = `${r.remaining} bytes after the last field`;
  if (flags.hasUserName && flags.hasPassword) r.refuse('trailing-bytes', message);
  else {
    const subjects = [flags.hasUserName ? 'password' : 'userName'];
    r.refuse('connect-field-extra', `${message} that the connect flags announce`, { subjects });
  }
  r.skip('undecoded', r.remaining);
}

function connectFlags({ isCleanStart, password, userName, will }: ConnectPacket): number {
  const user = userName === undefined ? 0 : 0x80;
  const secret = password === undefined ? 0 : 0x40;
  const clean = isCleanStart ? 0x02 : 0;
  if (will === undefined) return user | secret | clean;
  return user | secret | (will.isRetained ? 0x20 : 0) | (will.qos << 3) | 0x04 | clean;
}

function requireConsistent(packet: ConnectPacket): void {
  const { clientId, level, properties } = packet;
  const { authenticationData, authenticationMethod } = properties;
  if (authenticationData !== undefined && authenticationMethod === undefined) {
    throw new UnsendableError('authentication data without a method [section 3.1.2.11.10]');
  }
  if (level === 5) return;
  if (packet.password !== undefined && packet.userName === undefined) {
    throw new UnsendableError('a password without a user name [311:3.1.2-22]');
  }
  if (clientId === '' && (level === 3 || !packet.isCleanStart)) {
    throw new UnsendableError('clientId is empty [311:3.1.3-7]');
  }
  if (isTooLong(clientId, level)) throw new UnsendableError(`${CLIENT_ID_LONG} [V31-7]`);
}

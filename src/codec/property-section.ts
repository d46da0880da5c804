import type { Buffer } from 'node:buffer';
import { assertNever } from '../base/assert.ts';
import type { ProtocolLevel } from './packet.ts';
import type { PacketReader } from './packet-reader.ts';
import type { PacketWriter } from './packet-writer.ts';
import {
  findProperty,
  NO_PROPERTIES,
  PROPERTIES,
  type PropertiesOf,
  type Property,
  type PropertyPlace,
  type UserProperty,
} from './properties.ts';
import type { SpecClause } from './rules.ts';
import { checkTopicName, requireTopicName } from './topic-grammar.ts';
import { UnsendableError } from './unsendable-error.ts';

type Value = number | string | Buffer | UserProperty;
type Found = Record<string, Value | Value[]>;

/**
 * Reads a property section with its length (section 2.2.2). Before MQTT 5.0 there is none, and
 * nothing is read.
 */
export function readProperties<P extends PropertyPlace>(
  r: PacketReader,
  place: P,
): PropertiesOf<P> {
  if (r.level !== 5) return NO_PROPERTIES as PropertiesOf<P>;
  if (r.remaining === 0) {
    r.refuse('property-length-missing', 'the Property Length is missing');
    return NO_PROPERTIES as PropertiesOf<P>;
  }
  const length = r.varint('propertyLength');
  if (length === 0) return NO_PROPERTIES as PropertiesOf<P>;
  if (length > r.remaining) {
    throw r.error('field-overrun', `propertyLength is ${length}, ${r.remaining} bytes remain`);
  }
  const found: Found = {};
  r.enter('properties');
  const packetEnd = r.narrow(length);
  try {
    let isReadable = true;
    while (isReadable && r.remaining > 0) isReadable = readProperty(r, place, found);
    if (r.remaining > 0) r.skip('undecoded', r.remaining);
  } finally {
    r.widen(packetEnd); // After an error too: who explains it goes on to the packet's end.
  }
  r.leave();
  return found as PropertiesOf<P>;
}

/**
 * Writes a property section with its length, in the order of the table.
 *
 * @throws UnsendableError for properties that the packet may not carry; before MQTT 5.0 for any.
 */
export function writeProperties<P extends PropertyPlace>(
  w: PacketWriter,
  place: P,
  properties: PropertiesOf<P>,
  level: ProtocolLevel,
): void {
  if (level !== 5) {
    if (hasProperties(properties)) throw new UnsendableError('only MQTT 5.0 has properties');
    return;
  }
  const start = w.position;
  const given = properties as Readonly<Record<string, Value | Value[] | undefined>>;
  if (given !== NO_PROPERTIES) {
    for (const row of PROPERTIES) {
      const value = given[row.name];
      if (value !== undefined) writeProperty(w, place, row, value);
    }
  }
  w.closeLength(start);
}

/** Whether there is anything that a version without properties could not carry. */
export function hasProperties(properties: object): boolean {
  return properties !== NO_PROPERTIES && Object.keys(properties).length > 0;
}

/** Reads one property into `found`; false where its length cannot be known. */
function readProperty(r: PacketReader, place: PropertyPlace, found: Found): boolean {
  const at = r.position;
  const id = r.varint('propertyId');
  const row = findProperty(id);
  if (row === undefined) {
    r.refuse('property-unknown', `property 0x${id.toString(16)} does not exist`, { at });
    return false;
  }
  const section = row.in[place];
  if (section === undefined) {
    r.refuse('property-misplaced', `${row.title} is not for ${place.toUpperCase()}`, { at });
  }
  if (found[row.name] !== undefined && !mayRepeat(row, place)) {
    refuseOwn(r, 'property-twice', `${row.title} comes twice`, { row, place, at });
  }
  const value = readValue(r, row);
  checkValue(r, row, value, { place, at });
  keep(found, row, value);
  return true;
}

function keep(found: Found, row: Property, value: Value): void {
  if (row.repeats !== true) {
    found[row.name] = value;
    return;
  }
  const list = found[row.name] as Value[] | undefined;
  if (list === undefined) found[row.name] = [value];
  else list.push(value);
}

/** Subscription Identifiers pile up in the PUBLISH of overlapping subscriptions only. */
function mayRepeat(row: Property, place: PropertyPlace): boolean {
  return row.repeats === true && (row.kind === 'pair' || place === 'publish');
}

interface Place {
  readonly place: PropertyPlace;
  readonly at: number;
}

/** The rules for values: a property's range, topics in Response Topic, who may say what. */
function checkValue(r: PacketReader, row: Property, value: Value, { place, at }: Place): void {
  if (row.name === 'responseTopic') checkTopicName(r, row.name, value as string, at + 3);
  if (row.name === 'sessionExpiryInterval' && place === 'disconnect' && r.sender === 'server') {
    const subjects = ['server'];
    r.refuse('disconnect-expiry', 'a server may not set the session expiry', { at, subjects });
  }
  if (row.name === 'subscriptionIdentifier' && place === 'publish' && r.sender === 'client') {
    r.refuse('sub-id-from-client', 'a client sent a subscription identifier', { at });
  }
  if (row.range === undefined) return;
  const [min, max] = row.range;
  if ((value as number) >= min && (value as number) <= max) return;
  const message = `${row.title} is ${String(value)}, not ${min} to ${max}`;
  if (row.name === 'topicAlias') r.refuse('alias-zero', message, { at });
  else if (row.name === 'payloadFormatIndicator') {
    refuseOwn(r, 'payload-format', message, { row, place, at });
  } else refuseOwn(r, 'property-range', message, { row, place, at });
}

/** Refuses by the section of this property in this packet: the standard has no id for it. */
function refuseOwn(
  r: PacketReader,
  rule: 'property-twice' | 'property-range' | 'payload-format',
  message: string,
  { row, place, at }: Place & { readonly row: Property },
): void {
  const clause = `section ${row.in[place] ?? '2.2.2.2'}` as SpecClause;
  r.refuse(rule, message, { at, clauses: [clause] });
}

function readValue(r: PacketReader, row: Property): Value {
  switch (row.kind) {
    case 'u8':
      return r.u8(row.name);
    case 'u16':
      return r.u16(row.name);
    case 'u32':
      return r.u32(row.name);
    case 'varint':
      return r.varint(row.name);
    case 'utf8':
      return r.utf8(row.name);
    case 'binary':
      return r.binary(row.name);
    case 'pair':
      return readPair(r, row.name);
    default:
      return assertNever(row.kind);
  }
}

function readPair(r: PacketReader, name: string): UserProperty {
  r.enter(name);
  const pair = [r.utf8('userPropertyName'), r.utf8('userPropertyValue')] as const;
  r.leave();
  return pair;
}

function writeProperty(
  w: PacketWriter,
  place: PropertyPlace,
  row: Property,
  value: Value | Value[],
): void {
  if (row.in[place] === undefined) {
    throw new UnsendableError(`${row.title} is not for ${place.toUpperCase()} [section 2.2.2.2]`);
  }
  const values = row.repeats === true ? (value as Value[]) : [value as Value];
  if (values.length > 1 && !mayRepeat(row, place)) {
    throw new UnsendableError(`${row.title} comes twice in ${place.toUpperCase()}`);
  }
  for (const one of values) {
    requireRange(row, one);
    if (row.name === 'responseTopic') requireTopicName(row.title, one as string);
    w.u8('propertyId', row.id); // No id in the table needs a second byte.
    writeValue(w, row, one);
  }
}

function requireRange(row: Property, value: Value): void {
  if (row.range === undefined) return;
  const [min, max] = row.range;
  if ((value as number) >= min && (value as number) <= max) return;
  throw new UnsendableError(`${row.title} is ${String(value)}, not ${min} to ${max}`);
}

function writeValue(w: PacketWriter, row: Property, value: Value): void {
  switch (row.kind) {
    case 'u8':
      w.u8(row.title, value as number);
      break;
    case 'u16':
      w.u16(row.title, value as number);
      break;
    case 'u32':
      w.u32(row.title, value as number);
      break;
    case 'varint':
      w.varint(row.title, value as number);
      break;
    case 'utf8':
      w.utf8(row.title, value as string);
      break;
    case 'binary':
      w.binary(row.title, value as Buffer);
      break;
    case 'pair':
      w.utf8(row.title, (value as UserProperty)[0]);
      w.utf8(row.title, (value as UserProperty)[1]);
      break;
    default:
      assertNever(row.kind);
  }
}

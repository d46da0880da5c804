import type { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { PROPERTIES } from '../codec/properties.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { findNearestName } from './nearest-name.ts';
import type { OptionTable } from './option-table.ts';
import { parseBase64Bytes, parseHexBytes, parseText, wholeNumber } from './option-values.ts';

type Row = (typeof PROPERTIES)[number];

/** The packets that a client sends with properties of its user's choice. */
const PACKETS = ['connect', 'will', 'publish', 'subscribe', 'unsubscribe', 'disconnect'] as const;
export type PropertyPacket = (typeof PACKETS)[number];

const VALUE_MAX: Readonly<Record<string, number>> = {
  u8: 0xff,
  u16: 0xffff,
  u32: 0xffff_ffff,
  varint: 268_435_455,
};
/** What the standard allows there, and a client does not send, or not by this option. */
const EXCEPTED: Readonly<Partial<Record<PropertyPacket, readonly string[]>>> = {
  connect: ['authenticationMethod', 'authenticationData'],
  publish: ['subscriptionIdentifier'],
  disconnect: ['serverReference'],
};

/** One property as it was asked for. */
export interface AskedProperty {
  readonly packet: PropertyPacket;
  /** As the codec calls it: `contentType`. */
  readonly name: Row['name'];
  readonly value: number | string | Buffer | readonly [string, string] | { readonly path: string };
}

/** `-D PACKET NAME VALUE`. */
export const PROPERTY_OPTION = {
  property: {
    type: 'string',
    alias: 'D',
    value: 'PACKET NAME VALUE',
    array: true,
    nargs: (following) => (following[1]?.toLowerCase() === 'user-property' ? 4 : 3),
    coerce: parseProperty,
    describe: 'a property of a packet: -D publish content-type text/plain (MQTT 5)',
    group: 'Properties',
  },
} as const satisfies OptionTable;

/** Reads the three or four words of `-D`. @throws CallerError usage for what cannot be. */
function parseProperty(text: string): AskedProperty {
  const [packetWord = '', nameWord = '', value = '', second = ''] = text.split('\0');
  const packet = packetWord.toLowerCase();
  const [typed = '', form] = nameWord.toLowerCase().split(':');
  const row = PROPERTIES.find(({ title }) => wordOf(title) === typed);
  if (row === undefined) throw unknownProperty(typed);
  const allowed = PACKETS.filter((each) => isAllowed(row, each));
  if (!isOneOf(allowed, packet)) {
    const what = `-D: ${typed} is not a property of ${packet}`;
    const why =
      allowed.length === 0 ? 'clients do not send it' : `allowed in ${allowed.join(', ')}`;
    throw new CallerError('usage', what, { why });
  }
  const option = `-D ${packet} ${typed}`;
  if (row.kind === 'pair')
    return { packet, name: row.name, value: [parseText(value, option), parseText(second, option)] };
  if (form !== undefined && row.kind !== 'binary') {
    throw new CallerError('usage', `${option} has no form ":${form}"`, {
      remedy: 'leave it out: it is for bytes',
    });
  }
  return { packet, name: row.name, value: readValue(row, value, option, form) };
}

function readValue(
  row: Row,
  text: string,
  option: string,
  form: string | undefined,
): AskedProperty['value'] {
  if (row.name === 'responseTopic') return parseTopicName(text);
  if (row.kind === 'utf8') return parseText(text, option);
  if (row.kind === 'binary') return readBytes(text, option, form);
  const [min = 0, max = VALUE_MAX[row.kind] ?? 0] = 'range' in row ? row.range : [];
  return wholeNumber(min, max)(text, option);
}

function readBytes(text: string, option: string, form: string | undefined): AskedProperty['value'] {
  switch (form) {
    case undefined:
      return text;
    case 'hex':
      return parseHexBytes(text, option);
    case 'base64':
      return parseBase64Bytes(text, option);
    case 'file':
      return { path: text };
    default:
      throw new CallerError('usage', `${option} has no form ":${form}"`, {
        remedy: 'choose :hex, :base64 or :file, or leave it out for text',
      });
  }
}

/** As it is typed: `content-type`. */
function wordOf(title: string): string {
  return title.replaceAll(' ', '-');
}

function isAllowed(row: Row, packet: PropertyPacket): boolean {
  return packet in row.in && EXCEPTED[packet]?.includes(row.name) !== true;
}

function isOneOf(packets: readonly PropertyPacket[], word: string): word is PropertyPacket {
  return (packets as readonly string[]).includes(word);
}

function unknownProperty(typed: string): CallerError {
  const names = PROPERTIES.map(({ title }) => wordOf(title));
  const nearest = findNearestName(typed, names);
  return new CallerError('usage', `-D: there is no property ${typed}`, {
    remedy: nearest === undefined ? 'see --help' : `did you mean ${nearest}?`,
  });
}

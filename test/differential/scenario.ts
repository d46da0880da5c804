import type { Packet } from '../../src/codec/packet.ts';
import type { Inspection } from '../../src/inspect/inspect-packet.ts';
import { idsHeldBy, type SentUnit } from './sent-unit.ts';
import { findHeader } from './wire.ts';

/** What kind of packet, and what is remarkable about it, in words that hold for many. */
export interface Scenario {
  readonly version: string;
  /** The packet's name, or `reserved`; `first` is put before it where it is no CONNECT. */
  readonly packet: string;
  /** Rules that it breaks; if none, what about it brokers may see differently. */
  readonly traits: readonly string[];
}

/** Packets that begin a flow under an id of their own. */
const ASKING: ReadonlySet<string> = new Set(['publish', 'subscribe', 'unsubscribe']);
/** How versions are called in differences. */
export const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0001-\u001f\u007f-\u009f]/;
const NONCHARACTER = /[\ufdd0-\ufdef]|[\ufffe\uffff]/;
const UNUSED = /reserved$/;
const UNUSED_OF_WILL = /(?:reserved|willQos|willRetain)$/;
/** First levels with a dollar sign that mean nothing here. */
const ODD_ROOT = /^\$(?!(?:SYS|x|share)(?:\/|$))/;
/** `$share` with an empty name, a wildcard in it, or no filter behind it. */
export const WRONG_SHARE = /^\$share(?:$|\/(?:[^/]*$|\/|[^/]*[+#]|[^/]+\/$))/;

/**
 * What a packet of the client is, as far as it explains how brokers differ.
 *
 * @param before what the client has sent before it, on earlier connections too.
 */
export function scenarioOf(unit: SentUnit, before: readonly SentUnit[] = []): Scenario {
  const { inspection, isFirst, level, packet } = unit;
  const name = inspection.name ?? 'reserved';
  const isOutOfTurn = isFirst !== (name === 'connect');
  const place = isFirst ? 'first' : 'second';
  const id = packet !== undefined && 'packetId' in packet ? packet.packetId : undefined;
  const isInUse = id !== undefined && ASKING.has(name) && idsHeldBy(before).has(id);
  return {
    version: VERSIONS[level],
    packet: isOutOfTurn ? `${place} ${name}` : name,
    traits: [
      ...traitsOf(unit),
      ...(isInUse && unit.isClean ? ['id-in-use'] : []),
      ...(isFirst && hasSecondConnect(before) ? ['after-second-connect'] : []),
    ],
  };
}

/** Whether one of these comes on a connection that another CONNECT has opened. */
export function hasSecondConnect(units: readonly SentUnit[]): boolean {
  return units.some(({ inspection, isFirst }) => inspection.name === 'connect' && !isFirst);
}

function traitsOf({ bytes, inspection }: SentUnit): string[] {
  const header = findHeader(bytes);
  if (header?.bodyLength === undefined) return ['length-too-long'];
  if (header.bodyStart + header.bodyLength > bytes.length) return ['packet-too-large'];
  const breaches = inspection.breaches.map(({ error }) => {
    const { offset = 0, rule } = error;
    return `${rule} ${fieldAt(inspection, offset)}`.trim();
  });
  if (breaches.length > 0) {
    return [[...new Set([...breaches, ...furtherFaults(inspection)])].join(' & ')];
  }
  return [
    ...oddCharacters(inspection),
    ...(hasUnusedBits(inspection) ? ['unused-bits'] : []),
    ...(inspection.packet === undefined ? ['unread'] : packetTraits(inspection.packet)),
  ];
}

/** What a broker may meet before the rule that is broken, and refuse the packet for. */
function furtherFaults(inspection: Inspection): string[] {
  const named = inspection.fields.flatMap(({ path, value }) => {
    if (path.endsWith('.topicAlias')) return ['alias'];
    const isOdd = path.endsWith('topicFilter') && WRONG_SHARE.test(String(value));
    return isOdd ? ['wrong-share'] : [];
  });
  return [...named, ...oddCharacters(inspection)];
}

/** Characters that a broker need not take (section 1.5.4). */
export function oddCharacters({ fields }: Inspection): string[] {
  const texts = fields.flatMap(({ value }) => (typeof value === 'string' ? value : []));
  const all = texts.join('');
  return [
    ...(CONTROL.test(all) ? ['control-character'] : []),
    ...(NONCHARACTER.test(all) ? ['noncharacter'] : []),
  ];
}

/** Bits that 3.1 leaves unused, and that later versions want to be 0. */
function hasUnusedBits({ fields, packet }: Inspection): boolean {
  const isUnused =
    packet?.type === 'connect' && packet.will === undefined ? UNUSED_OF_WILL : UNUSED;
  return fields.some(({ path, value }) => isUnused.test(path) && value !== 0);
}

/** The field that holds this byte; for the byte that says which property it is, the property. */
function fieldAt({ fields }: Inspection, offset: number): string {
  const at = fields.findIndex(
    ({ bits, end, start }) => bits === undefined && start <= offset && offset < end,
  );
  const isPropertyId = fields[at]?.path.endsWith('propertyId') === true;
  return fields[isPropertyId ? at + 1 : at]?.path.split('.').at(-1) ?? '';
}

function packetTraits(packet: Packet): string[] {
  switch (packet.type) {
    case 'connect':
      return [
        ...(packet.will === undefined ? [] : topicTraits(packet.will.topicName, 'will')),
        ...(packet.clientId === '' ? ['no-client-id'] : []),
        ...(packet.properties.authenticationMethod === undefined ? [] : ['auth-method']),
      ];
    case 'publish':
      return [
        ...topicTraits(packet.topicName, 'topic'),
        ...(packet.properties.topicAlias === undefined ? [] : ['alias']),
        ...(packet.topicName === '' ? ['no-topic'] : []),
        `qos-${packet.qos}`,
        ...(packet.isDuplicate ? ['dup'] : []),
      ];
    case 'puback':
    case 'pubrec':
      return packet.reasonCode >= 0x80 ? ['failing'] : [];
    case 'subscribe':
      return filterTraits(packet.subscriptions.map(({ topicFilter }) => topicFilter));
    case 'unsubscribe':
      return filterTraits(packet.topicFilters);
    default:
      return [];
  }
}

function topicTraits(topicName: string, what: string): string[] {
  const [first = ''] = topicName.split('/', 1);
  if (!first.startsWith('$')) return [];
  const isNear = first.startsWith('$share') && first !== '$share';
  return [`${what} ${isNear ? 'near-share' : first}`];
}

function filterTraits(filters: readonly string[]): string[] {
  return [
    ...(filters.some((filter) => WRONG_SHARE.test(filter)) ? ['wrong-share'] : []),
    ...(filters.some((filter) => filter.startsWith('$share/')) ? ['share'] : []),
    ...(filters.some((filter) => ODD_ROOT.test(filter)) ? ['odd-root'] : []),
    ...(new Set(filters).size < filters.length ? ['same-filter-twice'] : []),
  ];
}

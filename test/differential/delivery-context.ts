import { naiveMatches } from '../support/naive-matcher.ts';
import { hasSecondConnect, oddCharacters, scenarioOf, VERSIONS, WRONG_SHARE } from './scenario.ts';
import { idsHeldBy, type SentUnit } from './sent-unit.ts';

const SHARE = /^\$share\/[^/]*\//;

/** What the case's own packets tell of its messages. */
export interface DeliveryContext {
  readonly version: string;
  /**
   * Topics and payloads of QoS 2 messages that the very next packet does not release, or that come
   * under an id which is still held.
   */
  readonly held: ReadonlySet<string>;
  /** What the client subscribes to at any time, without the names of groups. */
  readonly filters: readonly string[];
  /** The same, but groups only. */
  readonly shared: readonly string[];
  /** What is remarkable about the client's session. */
  readonly session: readonly string[];
  /** The least Maximum Packet Size of its connections; Infinity if there is none. */
  readonly packetBytesMax: number;
  /** By the payload of a will, what is remarkable about it. */
  readonly wills: ReadonlyMap<string, readonly string[]>;
}

/** Gathers what may explain that a message was delivered, or was not. */
export function contextOf(sent: readonly (readonly SentUnit[])[]): DeliveryContext {
  const versions = sent.flatMap(([first]) => (first ? [VERSIONS[first.inspection.level]] : []));
  const filters = sent.flat().flatMap(({ packet }) => {
    if (packet?.type !== 'subscribe') return [];
    return packet.subscriptions.map(({ topicFilter }) => topicFilter);
  });
  const wills = new Map<string, readonly string[]>();
  for (const [payload, traits] of sent.flatMap(willOf)) {
    wills.set(payload, [...(wills.get(payload) ?? []), ...traits]);
  }
  const shared = filters.filter((filter) => SHARE.test(filter));
  return {
    version: [...new Set(versions)].join(' '),
    held: new Set(heldTexts(sent.flat())),
    filters: filters.map((filter) => filter.replace(SHARE, '')),
    shared: shared.map((filter) => filter.replace(SHARE, '')),
    session: sessionTraits(sent.flat()),
    packetBytesMax: Math.min(...sent.flat().map(packetBytesMaxOf)),
    wills,
  };
}

function packetBytesMaxOf({ packet }: SentUnit): number {
  const told = packet?.type === 'connect' ? packet.properties.maximumPacketSize : undefined;
  return told ?? Number.POSITIVE_INFINITY;
}

/** How the client's own subscriptions may explain what it got of this topic. */
export function subscriptionTraits(
  topic: string,
  { filters, shared }: DeliveryContext,
): readonly string[] {
  const count = filters.filter((filter) => naiveMatches(filter, topic)).length;
  const isShared = shared.some((filter) => naiveMatches(filter, topic));
  return [...(count > 1 ? ['overlap'] : []), ...(isShared ? ['shared'] : [])];
}

function sessionTraits(units: readonly SentUnit[]): readonly string[] {
  const isNarrow = units.some(
    ({ packet }) => packet?.type === 'connect' && packet.properties.receiveMaximum !== undefined,
  );
  const filterCount = units.flatMap(({ packet }) =>
    packet?.type === 'subscribe' ? packet.subscriptions : [],
  ).length;
  const isOddShare = units.some(
    ({ packet }) =>
      packet?.type === 'subscribe' &&
      packet.subscriptions.some(({ topicFilter }) => WRONG_SHARE.test(topicFilter)),
  );
  const isHalf = units.some(
    ({ inspection, isClean }) =>
      FILTERING.has(inspection.name ?? '') && (!isClean || oddCharacters(inspection).length > 0),
  );
  return [
    ...(isNarrow ? ['receive-maximum'] : []),
    ...(isNarrow && filterCount > 1 ? ['several-filters'] : []),
    ...(isOddShare ? ['wrong-share'] : []),
    ...(isHalf ? ['broken-filters'] : []),
    ...(hasSecondConnect(units) ? ['after-second-connect'] : []),
  ];
}

function heldTexts(units: readonly SentUnit[]): string[] {
  return units.flatMap(({ packet }, index) => {
    if (packet?.type !== 'publish' || packet.qos !== 2) return [];
    const { packetId = 0, payload, topicName } = packet;
    const isRepeated = idsHeldBy(units.slice(0, index)).has(packetId);
    const isReleased = !idsHeldBy(units.slice(0, index + 2)).has(packetId);
    if (isReleased && !isRepeated) return [];
    return [topicName, payload.toString('latin1')].filter((text) => text !== '');
  });
}

/** The will of a connection with its traits, by its payload: a list of one or none. */
function willOf(units: readonly SentUnit[]): (readonly [string, readonly string[]])[] {
  const connect = units[0]?.packet;
  if (connect?.type !== 'connect' || connect.will === undefined) return [];
  const { payload, properties } = connect.will;
  const isDelayed = (properties.willDelayInterval ?? 0) > 0;
  const end = units.find((unit, index) => index > 0 && endsConnection(unit));
  const { packet, traits } = end === undefined ? CUT : scenarioOf(end);
  const ending = ['ended by', packet, ...traits].join(' ');
  return [[payload.toString('latin1'), ['will', ...(isDelayed ? ['delayed'] : []), ending]]];
}

/** Packets with filters, of which a broker may have done some before it met a fault. */
const FILTERING: ReadonlySet<string> = new Set(['subscribe', 'unsubscribe']);
const CUT = { packet: 'cut', traits: [] } as const;

function endsConnection({ isClean, packet }: SentUnit): boolean {
  return !isClean || packet?.type === 'disconnect' || packet?.type === 'connect';
}

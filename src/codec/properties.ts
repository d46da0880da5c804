import type { Buffer } from 'node:buffer';

/** How a property's value is written (section 1.5). */
type PropertyKind = 'u8' | 'u16' | 'u32' | 'varint' | 'utf8' | 'binary' | 'pair';

/** A name and its value, in the order in which they were sent. */
export type UserProperty = readonly [name: string, value: string];

interface PropertyRow {
  /** The identifier, 0x01..0x2A. */
  readonly id: number;
  readonly name: string;
  /** As the standard titles it, in lower case. */
  readonly title: string;
  readonly kind: PropertyKind;
  /** Smallest and largest value where the kind allows more. */
  readonly range?: readonly [min: number, max: number];
  /** Collected in an array. All others come once at most. */
  readonly repeats?: true;
  /** The packets that may carry it (and `will`), each with the section that says so. */
  readonly in: { readonly [place: string]: string };
}

const FLAG = [0, 1] as const;

/**
 * The 27 properties of MQTT 5.0 section 2.2.2.2, table 2-4, once: reader, writer, `decode` and
 * fuzzer share it.
 */
export const PROPERTIES = [
  {
    id: 0x01,
    name: 'payloadFormatIndicator',
    title: 'payload format indicator',
    kind: 'u8',
    range: FLAG,
    in: { publish: '3.3.2.3.2', will: '3.1.3.2.3' },
  },
  {
    id: 0x02,
    name: 'messageExpiryInterval',
    title: 'message expiry interval',
    kind: 'u32',
    in: { publish: '3.3.2.3.3', will: '3.1.3.2.4' },
  },
  {
    id: 0x03,
    name: 'contentType',
    title: 'content type',
    kind: 'utf8',
    in: { publish: '3.3.2.3.9', will: '3.1.3.2.5' },
  },
  {
    id: 0x08,
    name: 'responseTopic',
    title: 'response topic',
    kind: 'utf8',
    in: { publish: '3.3.2.3.5', will: '3.1.3.2.6' },
  },
  {
    id: 0x09,
    name: 'correlationData',
    title: 'correlation data',
    kind: 'binary',
    in: { publish: '3.3.2.3.6', will: '3.1.3.2.7' },
  },
  {
    id: 0x0b,
    name: 'subscriptionIdentifier',
    title: 'subscription identifier',
    kind: 'varint',
    range: [1, 268_435_455],
    repeats: true, // In PUBLISH; SUBSCRIBE takes one, which `readProperties` sees to.
    in: { publish: '3.3.2.3.8', subscribe: '3.8.2.1.2' },
  },
  {
    id: 0x11,
    name: 'sessionExpiryInterval',
    title: 'session expiry interval',
    kind: 'u32',
    in: { connect: '3.1.2.11.2', connack: '3.2.2.3.2', disconnect: '3.14.2.2.2' },
  },
  {
    id: 0x12,
    name: 'assignedClientIdentifier',
    title: 'assigned client identifier',
    kind: 'utf8',
    in: { connack: '3.2.2.3.7' },
  },
  {
    id: 0x13,
    name: 'serverKeepAlive',
    title: 'server keep alive',
    kind: 'u16',
    in: { connack: '3.2.2.3.14' },
  },
  {
    id: 0x15,
    name: 'authenticationMethod',
    title: 'authentication method',
    kind: 'utf8',
    in: { connect: '3.1.2.11.9', connack: '3.2.2.3.17', auth: '3.15.2.2.2' },
  },
  {
    id: 0x16,
    name: 'authenticationData',
    title: 'authentication data',
    kind: 'binary',
    in: { connect: '3.1.2.11.10', connack: '3.2.2.3.18', auth: '3.15.2.2.3' },
  },
  {
    id: 0x17,
    name: 'requestProblemInformation',
    title: 'request problem information',
    kind: 'u8',
    range: FLAG,
    in: { connect: '3.1.2.11.7' },
  },
  {
    id: 0x18,
    name: 'willDelayInterval',
    title: 'will delay interval',
    kind: 'u32',
    in: { will: '3.1.3.2.2' },
  },
  {
    id: 0x19,
    name: 'requestResponseInformation',
    title: 'request response information',
    kind: 'u8',
    range: FLAG,
    in: { connect: '3.1.2.11.6' },
  },
  {
    id: 0x1a,
    name: 'responseInformation',
    title: 'response information',
    kind: 'utf8',
    in: { connack: '3.2.2.3.15' },
  },
  {
    id: 0x1c,
    name: 'serverReference',
    title: 'server reference',
    kind: 'utf8',
    in: { connack: '3.2.2.3.16', disconnect: '3.14.2.2.5' },
  },
  {
    id: 0x1f,
    name: 'reasonString',
    title: 'reason string',
    kind: 'utf8',
    in: {
      connack: '3.2.2.3.9',
      puback: '3.4.2.2.2',
      pubrec: '3.5.2.2.2',
      pubrel: '3.6.2.2.2',
      pubcomp: '3.7.2.2.2',
      suback: '3.9.2.1.2',
      unsuback: '3.11.2.1.2',
      disconnect: '3.14.2.2.3',
      auth: '3.15.2.2.4',
    },
  },
  {
    id: 0x21,
    name: 'receiveMaximum',
    title: 'receive maximum',
    kind: 'u16',
    range: [1, 0xffff],
    in: { connect: '3.1.2.11.3', connack: '3.2.2.3.3' },
  },
  {
    id: 0x22,
    name: 'topicAliasMaximum',
    title: 'topic alias maximum',
    kind: 'u16',
    in: { connect: '3.1.2.11.5', connack: '3.2.2.3.8' },
  },
  {
    id: 0x23,
    name: 'topicAlias',
    title: 'topic alias',
    kind: 'u16',
    range: [1, 0xffff],
    in: { publish: '3.3.2.3.4' },
  },
  {
    id: 0x24,
    name: 'maximumQos',
    title: 'maximum QoS',
    kind: 'u8',
    range: FLAG,
    in: { connack: '3.2.2.3.4' },
  },
  {
    id: 0x25,
    name: 'retainAvailable',
    title: 'retain available',
    kind: 'u8',
    range: FLAG,
    in: { connack: '3.2.2.3.5' },
  },
  {
    id: 0x26,
    name: 'userProperty',
    title: 'user property',
    kind: 'pair',
    repeats: true,
    in: {
      connect: '3.1.2.11.8',
      connack: '3.2.2.3.10',
      publish: '3.3.2.3.7',
      will: '3.1.3.2.8',
      puback: '3.4.2.2.3',
      pubrec: '3.5.2.2.3',
      pubrel: '3.6.2.2.3',
      pubcomp: '3.7.2.2.3',
      subscribe: '3.8.2.1.3',
      suback: '3.9.2.1.3',
      unsubscribe: '3.10.2.1.2',
      unsuback: '3.11.2.1.3',
      disconnect: '3.14.2.2.4',
      auth: '3.15.2.2.5',
    },
  },
  {
    id: 0x27,
    name: 'maximumPacketSize',
    title: 'maximum packet size',
    kind: 'u32',
    range: [1, 0xffff_ffff],
    in: { connect: '3.1.2.11.4', connack: '3.2.2.3.6' },
  },
  {
    id: 0x28,
    name: 'wildcardSubscriptionAvailable',
    title: 'wildcard subscription available',
    kind: 'u8',
    range: FLAG,
    in: { connack: '3.2.2.3.11' },
  },
  {
    id: 0x29,
    name: 'subscriptionIdentifierAvailable',
    title: 'subscription identifier available',
    kind: 'u8',
    range: FLAG,
    in: { connack: '3.2.2.3.12' },
  },
  {
    id: 0x2a,
    name: 'sharedSubscriptionAvailable',
    title: 'shared subscription available',
    kind: 'u8',
    range: FLAG,
    in: { connack: '3.2.2.3.13' },
  },
] as const satisfies readonly PropertyRow[];

type TableRow = (typeof PROPERTIES)[number];
type PlaceOf<R extends TableRow> = Extract<keyof R['in'], string>;
type ValueOf<K extends PropertyKind> = K extends 'utf8'
  ? string
  : K extends 'binary'
    ? Buffer
    : K extends 'pair'
      ? UserProperty
      : number;
type Held<R extends TableRow> = R extends { readonly repeats: true }
  ? readonly ValueOf<R['kind']>[]
  : ValueOf<R['kind']>;

/** Where properties stand: in a packet, or in the will of a CONNECT. */
export type PropertyPlace = { [R in TableRow as R['name']]: PlaceOf<R> }[TableRow['name']];
type PropertyName = TableRow['name'];

/** The properties that the table allows in `P`, each with its type. */
export type PropertiesOf<P extends PropertyPlace> = {
  readonly [R in TableRow as P extends PlaceOf<R> ? R['name'] : never]?: Held<R>;
};

/** One row, as code that serves all rows sees it. */
export interface Property extends Omit<PropertyRow, 'name' | 'in'> {
  readonly name: PropertyName;
  readonly in: { readonly [P in PropertyPlace]?: string };
}

/** Stands for "no properties", which is what most packets have. */
export const NO_PROPERTIES: Readonly<Record<never, never>> = Object.freeze({});

const BY_ID = new Map<number, Property>(PROPERTIES.map((row) => [row.id, row]));

/** The property with this identifier, whatever packet it is for; undefined if there is none. */
export function findProperty(id: number): Property | undefined {
  return BY_ID.get(id);
}

import fc from 'fast-check';
import type {
  AckPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  DisconnectPacket,
  Packet,
  ProtocolLevel,
  PublishPacket,
  QoS,
  RetainHandling,
  SubackPacket,
  SubscribePacket,
  UnsubackPacket,
  UnsubscribePacket,
  Will,
} from '../../src/codec/packet.ts';
import type { PacketName } from '../../src/codec/packet-type.ts';
import {
  NO_PROPERTIES,
  type PropertiesOf,
  type PropertyPlace,
} from '../../src/codec/properties.ts';
import { REASONS } from '../../src/codec/reason-code.ts';
import { bytes, levelsOf, propertiesOf, record, text, topicName } from './property-arbitraries.ts';

/** A packet, and the version in whose form it can be written. */
export interface LeveledPacket {
  readonly level: ProtocolLevel;
  readonly packet: Packet;
}

const LEVELS = [3, 4, 5] as const;
const LOW = [0, 1, 2] as const;
const ZERO = [0] as const;

const packetId = fc.integer({ min: 1, max: 0xffff });
const qos = fc.constantFrom<QoS>(0, 1, 2);
const plainFilter = levelsOf('a', '', 'ä', '+', '$SYS').filter((filter) => filter !== '');
const topicFilter = fc.oneof(
  plainFilter,
  plainFilter.map((filter) => `${filter}/#`),
  fc.constantFrom('#', '$share/g/a/+', '$share/ä//#', '$share'),
);

/** Any packet that this version allows to send. */
export function packetsOf(level: ProtocolLevel): fc.Arbitrary<Packet> {
  const older = [
    connects(level),
    connacks(level),
    publishes(level),
    ...(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).map((type) => acks(type, level)),
    subscribes(level),
    subacks(level),
    unsubscribes(level),
    unsubacks(level),
    fc.constantFrom<Packet>({ type: 'pingreq' }, { type: 'pingresp' }),
    disconnects(level),
  ];
  return level === 5 ? fc.oneof(...older, auths()) : fc.oneof(...older);
}

/** Any packet of any version. */
export const packets: fc.Arbitrary<LeveledPacket> = fc.oneof(
  ...LEVELS.map((level) => packetsOf(level).map((packet) => ({ level, packet }))),
);

/** CONNECT: before 5.0 a password needs a user name, and an empty id is not always allowed. */
function connects(level: ProtocolLevel): fc.Arbitrary<ConnectPacket> {
  const plain = record<ConnectPacket>({
    type: fc.constant('connect'),
    level: fc.constant(level),
    isCleanStart: fc.boolean(),
    keepAliveSeconds: fc.integer({ min: 0, max: 0xffff }),
    clientId: level === 5 ? text : text.map((id) => `${id}x`),
    will: fc.option(wills(level), { nil: undefined }),
    userName: fc.option(text, { nil: undefined }),
    password: fc.option(bytes, { nil: undefined }),
    properties: at5(level, 'connect'),
  });
  return plain.map((packet) => {
    const { authenticationData } = packet.properties;
    if (authenticationData === undefined && (level === 5 || packet.userName !== undefined)) {
      return packet;
    }
    if (level !== 5) return { ...packet, password: undefined };
    return { ...packet, properties: { authenticationMethod: 'm', ...packet.properties } };
  });
}

function wills(level: ProtocolLevel): fc.Arbitrary<Will> {
  const properties = at5(level, 'will');
  return record({ topicName, payload: bytes, qos, isRetained: fc.boolean(), properties });
}

function connacks(level: ProtocolLevel): fc.Arbitrary<ConnackPacket> {
  const plain = record<ConnackPacket>({
    type: fc.constant('connack'),
    isSessionPresent: level === 3 ? fc.constant(false) : fc.boolean(),
    reasonCode: level === 5 ? reasonCodes('connack') : fc.nat(5),
    properties: at5(level, 'connack'),
  });
  return plain.map((packet) => (packet.isSessionPresent ? { ...packet, reasonCode: 0 } : packet));
}

/** PUBLISH of every QoS, in 5.0 sometimes with an alias in place of the topic. */
function publishes(level: ProtocolLevel): fc.Arbitrary<PublishPacket> {
  const plain = record<PublishPacket>({
    type: fc.constant('publish'),
    qos,
    isDuplicate: fc.boolean(),
    isRetained: fc.boolean(),
    topicName,
    packetId,
    properties: at5(level, 'publish'),
    payload: bytes,
  });
  return fc.tuple(plain, fc.boolean()).map(([packet, isNamed]) => {
    const known = packet.properties.topicAlias === undefined || isNamed ? packet.topicName : '';
    if (packet.qos !== 0) return { ...packet, topicName: known };
    return { ...packet, topicName: known, isDuplicate: false, packetId: undefined };
  });
}

function acks(type: AckPacket['type'], level: ProtocolLevel): fc.Arbitrary<AckPacket> {
  return record<AckPacket>({
    type: fc.constant(type),
    packetId,
    reasonCode: level === 5 ? reasonCodes(type) : fc.constant(0),
    properties: at5(level, type),
  });
}

function subscribes(level: ProtocolLevel): fc.Arbitrary<SubscribePacket> {
  const flag = level === 5 ? fc.boolean() : fc.constant(false);
  const subscription = record({
    topicFilter,
    qos,
    isNoLocal: flag,
    isRetainAsPublished: flag,
    retainHandling: fc.constantFrom<RetainHandling>(...(level === 5 ? LOW : ZERO)),
  }).map((one) => ({ ...one, isNoLocal: one.isNoLocal && !one.topicFilter.startsWith('$share/') }));
  return record<SubscribePacket>({
    type: fc.constant('subscribe'),
    packetId,
    properties: at5(level, 'subscribe'),
    subscriptions: several(subscription),
  });
}

function subacks(level: ProtocolLevel): fc.Arbitrary<SubackPacket> {
  const returnCode = fc.constantFrom(...LOW, ...(level === 4 ? [0x80] : []));
  return record<SubackPacket>({
    type: fc.constant('suback'),
    packetId,
    properties: at5(level, 'suback'),
    reasonCodes: several(level === 5 ? reasonCodes('suback') : returnCode),
  });
}

function unsubscribes(level: ProtocolLevel): fc.Arbitrary<UnsubscribePacket> {
  return record<UnsubscribePacket>({
    type: fc.constant('unsubscribe'),
    packetId,
    properties: at5(level, 'unsubscribe'),
    topicFilters: several(topicFilter),
  });
}

function unsubacks(level: ProtocolLevel): fc.Arbitrary<UnsubackPacket> {
  return record<UnsubackPacket>({
    type: fc.constant('unsuback'),
    packetId,
    properties: at5(level, 'unsuback'),
    reasonCodes: level === 5 ? several(reasonCodes('unsuback')) : fc.constant([]),
  });
}

function disconnects(level: ProtocolLevel): fc.Arbitrary<DisconnectPacket> {
  return record<DisconnectPacket>({
    type: fc.constant('disconnect'),
    reasonCode: level === 5 ? reasonCodes('disconnect') : fc.constant(0),
    properties: at5(level, 'disconnect'),
  });
}

function auths(): fc.Arbitrary<AuthPacket> {
  return record<AuthPacket>({
    type: fc.constant('auth'),
    reasonCode: reasonCodes('auth'),
    properties: propertiesOf('auth', 'authenticationMethod'),
  });
}

function at5<P extends PropertyPlace>(
  level: ProtocolLevel,
  place: P,
): fc.Arbitrary<PropertiesOf<P>> {
  return level === 5 ? propertiesOf(place) : fc.constant(NO_PROPERTIES as PropertiesOf<P>);
}

function reasonCodes(packet: PacketName): fc.Arbitrary<number> {
  const rows = Object.values(REASONS).filter((row) => packet in row.in);
  return fc.constantFrom(...rows.map((row) => row.code));
}

function several<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 4 });
}

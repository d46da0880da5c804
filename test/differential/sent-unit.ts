import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { type Inspection, inspectPacket } from '../../src/inspect/inspect-packet.ts';
import type { DifferentialCase } from './case-maker.ts';
import { type Bytes, findHeader } from './wire.ts';

/** One packet that the client sends, as our own decoder reads it. */
export interface SentUnit {
  readonly bytes: Bytes;
  /** That of the connection: a CONNECT that is not the first may say another. */
  readonly level: ProtocolLevel;
  readonly inspection: Inspection;
  /** What it says, whatever rules it breaks; undefined where it cannot be read. */
  readonly packet: Packet | undefined;
  readonly isClean: boolean;
  /** Whether it is the first one of its connection. */
  readonly isFirst: boolean;
}

/** What the client sends, connection by connection. */
export function readCase({ legs }: DifferentialCase): SentUnit[][] {
  return legs.map(({ units }) => {
    const level = levelOf(units[0]);
    return units.map((bytes, index) => readUnit(bytes, level, index === 0));
  });
}

/** The version that a connection speaks, by its first packet. */
export function levelOf(first: Bytes | undefined): ProtocolLevel {
  return first === undefined ? 4 : readUnit(first, 4).inspection.level;
}

/** Reads one packet by this version; a CONNECT by its own. */
export function readUnit(bytes: Bytes, level: ProtocolLevel, isFirst = true): SentUnit {
  const { bodyLength, bodyStart = 0 } = findHeader(bytes) ?? {};
  const size = bodyLength === undefined ? undefined : bodyStart + bodyLength;
  const inspection = inspectPacket(bytes, { level, sender: 'client', size });
  const { breaches, packet } = inspection;
  const isClean = breaches.length === 0 && packet !== undefined;
  return { bytes, level: isFirst ? inspection.level : level, inspection, packet, isClean, isFirst };
}

/** Ids of QoS 2 messages that these packets begin, and do not release. */
export function idsHeldBy(units: readonly SentUnit[]): Set<number> {
  const held = new Set<number>();
  for (const { isClean, packet } of units) {
    if (!isClean || packet === undefined) continue;
    if (packet.type === 'pubrel') held.delete(packet.packetId);
    if (packet.type === 'publish' && packet.qos === 2) held.add(packet.packetId ?? 0);
  }
  return held;
}

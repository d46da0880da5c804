/** Which end sends a packet (MQTT 5.0 table 2-1). */
type Direction = 'client' | 'server' | 'either';

interface PacketTypeRow {
  /** The upper four bits of the first byte, 1..15. */
  readonly code: number;
  /** The lower four bits: fixed for all but PUBLISH (sections 2.1.3 and 3.3.1). */
  readonly flags: number | 'own';
  readonly sentBy: Direction;
  /** AUTH is new in 5.0; a server's DISCONNECT too. */
  readonly since: 3 | 5;
}

/** The 15 control packets, MQTT 5.0 sections 2.1.2 and 2.1.3. */
export const PACKET_TYPES = {
  connect: { code: 1, flags: 0b0000, sentBy: 'client', since: 3 },
  connack: { code: 2, flags: 0b0000, sentBy: 'server', since: 3 },
  publish: { code: 3, flags: 'own', sentBy: 'either', since: 3 },
  puback: { code: 4, flags: 0b0000, sentBy: 'either', since: 3 },
  pubrec: { code: 5, flags: 0b0000, sentBy: 'either', since: 3 },
  pubrel: { code: 6, flags: 0b0010, sentBy: 'either', since: 3 },
  pubcomp: { code: 7, flags: 0b0000, sentBy: 'either', since: 3 },
  subscribe: { code: 8, flags: 0b0010, sentBy: 'client', since: 3 },
  suback: { code: 9, flags: 0b0000, sentBy: 'server', since: 3 },
  unsubscribe: { code: 10, flags: 0b0010, sentBy: 'client', since: 3 },
  unsuback: { code: 11, flags: 0b0000, sentBy: 'server', since: 3 },
  pingreq: { code: 12, flags: 0b0000, sentBy: 'client', since: 3 },
  pingresp: { code: 13, flags: 0b0000, sentBy: 'server', since: 3 },
  disconnect: { code: 14, flags: 0b0000, sentBy: 'either', since: 3 },
  auth: { code: 15, flags: 0b0000, sentBy: 'either', since: 5 },
} as const satisfies Record<string, PacketTypeRow>;

export type PacketName = keyof typeof PACKET_TYPES;

const NAMES_BY_CODE: readonly (PacketName | undefined)[] = nameByCode();

/** The packet whose type stands in the upper half of a first byte; undefined for type 0. */
export function packetNameOf(firstByte: number): PacketName | undefined {
  return NAMES_BY_CODE[firstByte >> 4];
}

/** The first byte of a packet other than PUBLISH: type and fixed flags. */
export function firstByteOf(name: Exclude<PacketName, 'publish'>): number {
  const { code, flags } = PACKET_TYPES[name];
  return (code << 4) | flags;
}

function nameByCode(): (PacketName | undefined)[] {
  const names: (PacketName | undefined)[] = Array.from({ length: 16 }, () => undefined);
  for (const name of Object.keys(PACKET_TYPES) as PacketName[])
    names[PACKET_TYPES[name].code] = name;
  return names;
}

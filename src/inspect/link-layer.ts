import type { Buffer } from 'node:buffer';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const PPPOE = 0x8864;
/** Tags of VLANs: four bytes each, the type of what follows last. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const TAGS_MAX = 8;

/** Where the header ends, and where in it stands what follows: undefined where that is IP. */
interface LinkHeader {
  readonly bytes: number;
  readonly typeAt: number | undefined;
}

const IP_ALONE: LinkHeader = { bytes: 0, typeAt: undefined };
const LOOPBACK: LinkHeader = { bytes: 4, typeAt: undefined };

/** The kinds of links that can be read, by their number. */
const LINKS: ReadonlyMap<number, LinkHeader> = new Map([
  [0, LOOPBACK],
  [1, { bytes: 14, typeAt: 12 }],
  [12, IP_ALONE],
  [14, IP_ALONE],
  [101, IP_ALONE],
  [108, LOOPBACK],
  [113, { bytes: 16, typeAt: 14 }],
  [228, IP_ALONE],
  [229, IP_ALONE],
  [276, { bytes: 20, typeAt: 0 }],
]);

/** Whether frames of this link can be read. */
export function isKnownLink(linkType: number): boolean {
  return LINKS.has(linkType);
}

/** Where IP begins in a frame; undefined if it carries something else. */
export function ipStart(linkType: number, frame: Buffer): number | undefined {
  const header = LINKS.get(linkType);
  if (header === undefined) return undefined;
  const { bytes, typeAt } = header;
  const start = typeAt === undefined ? bytes : startBehind(frame, bytes, typeAt);
  if (start === undefined) return undefined;
  const version = (frame[start] ?? 0) >> 4;
  return version === 4 || version === 6 ? start : undefined;
}

/** Passes over the tags of VLANs, and PPPoE. */
function startBehind(frame: Buffer, headerBytes: number, typeAt: number): number | undefined {
  if (frame.length < headerBytes) return undefined;
  let type = frame.readUInt16BE(typeAt);
  let start = headerBytes;
  for (let tags = 0; VLAN_TAGS.has(type) && tags < TAGS_MAX; tags += 1) {
    if (start + 4 > frame.length) return undefined;
    type = frame.readUInt16BE(start + 2);
    start += 4;
  }
  if (type === PPPOE) return start + 8;
  return type === IPV4 || type === IPV6 ? start : undefined;
}

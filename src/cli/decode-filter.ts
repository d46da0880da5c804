import { PACKET_TYPES, type PacketName } from '../codec/packet-type.ts';
import type { DecodedPacket } from '../inspect/stream-decoder.ts';
import type { TopicFilter } from '../topic/topic-filter.ts';
import { topicMatches } from '../topic/topic-matches.ts';
import { findTopicName } from '../topic/topic-name.ts';
import { unusableValue } from './option-values.ts';

/** Which packets are shown; all are followed. */
interface Selection {
  readonly only: ReadonlySet<PacketName> | undefined;
  readonly stream: number | undefined;
  readonly grep: TopicFilter | undefined;
  readonly errors: boolean | undefined;
}

/** Packet types by name, in any case, parted by commas. */
export function parsePacketNames(text: string, option: string): ReadonlySet<PacketName> {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const isKnown = (name: string): name is PacketName => Object.hasOwn(PACKET_TYPES, name);
  const known = names.filter(isKnown);
  if (known.length === names.length) return new Set(known);
  throw unusableValue(option, text, 'give types of packets: CONNECT, PUBLISH,PUBACK');
}

/** Whether a packet is among those that were asked for. */
export function isShown(packet: DecodedPacket, selection: Selection): boolean {
  const { errors, grep, only, stream } = selection;
  const { findings, inspection } = packet;
  if (errors === true && findings.length === 0) return false;
  if (stream !== undefined && stream !== packet.stream) return false;
  if (only !== undefined && !(inspection.name !== undefined && only.has(inspection.name))) {
    return false;
  }
  return grep === undefined || isAbout(packet, grep);
}

function isAbout({ inspection, links }: DecodedPacket, filter: TopicFilter): boolean {
  const { packet } = inspection;
  if (packet?.type !== 'publish') return false;
  const topic = findTopicName(links?.aliasTopic ?? packet.topicName);
  return topic !== undefined && topicMatches(filter, topic);
}

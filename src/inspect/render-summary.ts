import { Buffer } from 'node:buffer';
import { hexByte } from '../base/hex-byte.ts';
import type { PacketName } from '../codec/packet-type.ts';
import type { Inspection } from './inspect-packet.ts';
import { packetFields } from './packet-fields.ts';
import type { PacketLinks } from './packet-links.ts';
import { quotedText, safeText } from './safe-text.ts';
import { type ShownField, shownFields } from './shown-field.ts';
import type { DecodedPacket, Gap } from './stream-decoder.ts';
import { cutText, millisecondsText } from './value-text.ts';
import { versionTitle } from './version-tracker.ts';

const DIRECTIONS = { client: 'C>S', server: 'S>C', either: '?' } as const;

/** Which fields a packet's line shows, as `key=`; `[]` stands for any index: all, by commas. */
const KEYS: { readonly [P in PacketName]: readonly (readonly [key: string, path: string])[] } = {
  connect: [
    ['v', 'protocol_version'],
    ['id', 'client_id'],
    ['ka', 'keep_alive'],
    ['clean', 'connect_flags.clean_start'],
    ['user', 'user_name'],
    ['will', 'will.will_topic'],
  ],
  connack: [
    ['sp', 'connect_acknowledge_flags.session_present'],
    ['rc', 'reason_code'],
  ],
  publish: [
    ['q', 'qos'],
    ['id', 'packet_id'],
    ['r', 'retain'],
    ['d', 'dup'],
    ['topic', 'topic_name'],
    ['alias', 'properties.topic_alias'],
    ['len', 'payload'],
  ],
  puback: [
    ['id', 'packet_id'],
    ['rc', 'reason_code'],
  ],
  pubrec: [
    ['id', 'packet_id'],
    ['rc', 'reason_code'],
  ],
  pubrel: [
    ['id', 'packet_id'],
    ['rc', 'reason_code'],
  ],
  pubcomp: [
    ['id', 'packet_id'],
    ['rc', 'reason_code'],
  ],
  subscribe: [
    ['id', 'packet_id'],
    ['filters', 'filters[].topic_filter'],
    ['q', 'filters[].options.qos'],
  ],
  suback: [
    ['id', 'packet_id'],
    ['rc', 'reason_codes[]'],
  ],
  unsubscribe: [
    ['id', 'packet_id'],
    ['filters', 'filters[].topic_filter'],
  ],
  unsuback: [
    ['id', 'packet_id'],
    ['rc', 'reason_codes[]'],
  ],
  pingreq: [],
  pingresp: [],
  disconnect: [['rc', 'reason_code']],
  auth: [
    ['rc', 'reason_code'],
    ['method', 'properties.authentication_method'],
  ],
};

/** How a line is written. */
export interface SummaryOptions {
  readonly isFull: boolean;
  /** The moment from which times are counted; undefined if the input has none. */
  readonly startMs?: number | undefined;
}

/** `N SECONDS DIR STREAM TYPE key=value… !code…`; the time is `-` where the input has none. */
export function renderSummary(packet: DecodedPacket, { isFull, startMs }: SummaryOptions): string {
  const { findings, inspection, links = {}, number, stream, timeMs } = packet;
  const hasTime = timeMs !== undefined && startMs !== undefined;
  const time = hasTime ? ((timeMs - startMs) / 1000).toFixed(3) : '-';
  const place = `${number} ${time} ${DIRECTIONS[inspection.sender]} ${stream}`;
  const body = bodyText(inspection, packetFields(packet), isFull);
  const codes = findings.map(({ code }) => `!${code}`);
  return [place, body, ...linkTexts(links), ...assumed(packet), ...codes].join(' ');
}

function linkTexts({ aliasTopic, answers, resumes }: PacketLinks): string[] {
  const texts: string[] = [];
  if (aliasTopic !== undefined) texts.push(`is=${wordText(aliasTopic)}`);
  if (answers !== undefined) texts.push(`answers=${answers.number}`);
  if (answers?.ms !== undefined) texts.push(`ms=${millisecondsText(answers.ms)}`);
  if (resumes !== undefined) texts.push(`resumes=${resumes}`);
  return texts;
}

/** Packets of one form in all versions need no guess. */
function assumed({ inspection, version }: DecodedPacket): string[] {
  const isSame = inspection.name === 'pingreq' || inspection.name === 'pingresp';
  return version.from !== 'assumed' || isSame ? [] : [`assumed=${versionTitle(version.level)}`];
}

/** The same for bytes that are no packet. */
export function renderSummaryGap({ length, offset, stream }: Gap): string {
  return `- - ? ${stream} GAP at=${offset} len=${length}`;
}

/** `TYPE key=value…`. */
export function renderSummaryBody(inspection: Inspection, isFull: boolean): string {
  return bodyText(inspection, shownFields(inspection), isFull);
}

function bodyText(
  { bytes, name }: Inspection,
  shown: readonly ShownField[],
  isFull: boolean,
): string {
  if (name === undefined) return `RESERVED type=${(bytes[0] ?? 0) >> 4}`;
  const fields = byPath(shown);
  const parts = KEYS[name].map(([key, path]) => {
    const texts = (fields.get(path) ?? []).map((field) => shortText(field, isFull));
    return texts.length === 0 ? '' : `${key}=${texts.join(',')}`;
  });
  return [name.toUpperCase(), ...parts].filter((part) => part !== '').join(' ');
}

function byPath(fields: readonly ShownField[]): Map<string, ShownField[]> {
  const byPath = new Map<string, ShownField[]>();
  for (const field of fields) {
    const path = field.path.replaceAll(/\[\d+\]/g, '[]');
    const list = byPath.get(path);
    if (list === undefined) byPath.set(path, [field]);
    else list.push(field);
  }
  return byPath;
}

/** A field's value as one word. */
function shortText({ hiddenFrom, name, value }: ShownField, isFull: boolean): string {
  if (hiddenFrom !== undefined) return '**';
  if (Buffer.isBuffer(value)) return `${value.length}`;
  if (typeof value === 'number') return name === 'reasonCode' ? hexByte(value) : `${value}`;
  const text = String(value ?? '?');
  const [shown, left] = cutText(text, isFull);
  return wordText(left === 0 ? shown : `${shown}…+${left}`);
}

/** Quoted where a blank, a quote or what is unsafe to show makes one word two, or another. */
function wordText(word: string): string {
  return word === '' || /[\s"\\]/.test(word) || safeText(word) !== word ? quotedText(word) : word;
}

import { isFault } from './finding.ts';
import type { Inspection } from './inspect-packet.ts';
import type { Link, PacketLinks } from './packet-links.ts';
import type { DecodedPacket } from './stream-decoder.ts';
import type { Theme } from './theme.ts';
import { hexOffset } from './tree-lines.ts';
import { countText, millisecondsText } from './value-text.ts';
import { type Version, versionTitle } from './version-tracker.ts';

const ARROWS = { client: 'C→S', server: 'S→C', either: '?' } as const;
/** `#1  C→S  CONNECT  MQTT 5.0  45 bytes  0x0000-0x002c  1 error`. */
export function renderHead(
  packet: DecodedPacket,
  { startMs, theme }: { readonly theme: Theme; readonly startMs?: number | undefined },
): string {
  const { findings, inspection, links = {}, number, offset, timeMs } = packet;
  const hasTime = timeMs !== undefined && startMs !== undefined;
  const { bytes, sender } = inspection;
  const last = offset + Math.max(0, bytes.length - 1);
  const faults = findings.filter(isFault).length;
  const odds = findings.filter(({ severity }) => severity === 'odd').length;
  const more = inspection.uncountedBreaches > 0 ? '+' : '';
  const parts = [
    `#${number}`,
    ARROWS[sender],
    theme.type(packetTitle(inspection)),
    versionText(packet.version),
    sizeText(inspection),
    `${hexOffset(offset, 4)}-${hexOffset(last, 4)}`,
    hasTime ? `${((timeMs - startMs) / 1000).toFixed(3)} s` : '',
    ...linkTexts(links),
    faults === 0 ? '' : theme.malformed(`${faults}${more} ${faults === 1 ? 'error' : 'errors'}`),
    odds === 0 ? '' : theme.odd(`${odds} odd`),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function linkTexts({ answeredBy, answers, resumes, walk }: PacketLinks): string[] {
  const texts: string[] = [];
  if (answers !== undefined) texts.push(`answers ${linkText(answers)}`);
  if (walk !== undefined) {
    const step = `QoS 2 step ${walk.numbers.length} of 4`;
    const isLast = walk.numbers.length >= 4 && walk.ms !== undefined;
    texts.push(isLast ? `${step}, ${millisecondsText(walk.ms ?? 0)} ms in all` : step);
  }
  if (answeredBy !== undefined) texts.push(`answered by ${linkText(answeredBy)}`);
  if (resumes !== undefined) texts.push(`goes on with the session of #${resumes}`);
  return texts;
}

function linkText({ ms, number }: Link): string {
  return ms === undefined ? `#${number}` : `#${number} (${millisecondsText(ms)} ms)`;
}

/** `CONNECT`, or which reserved type. */
export function packetTitle({ bytes, name }: Inspection): string {
  return name?.toUpperCase() ?? `reserved type ${(bytes[0] ?? 0) >> 4}`;
}

function versionText({ evidence, from, level }: Version): string {
  const title = `MQTT ${versionTitle(level)}`;
  if (from === 'connect') return title;
  if (from === 'option') return `${title} (-V)`;
  return from === 'assumed' ? `${title} (assumed)` : `${title} (inferred from ${evidence})`;
}

function sizeText({ bytes, fields, missingBytes }: Inspection): string {
  const hasLength = fields.some(
    ({ path, value }) => path === 'remainingLength' && value !== undefined,
  );
  if (missingBytes === 0 || !hasLength) return countText(bytes.length);
  return `${bytes.length} of ${countText(bytes.length + missingBytes)}`;
}

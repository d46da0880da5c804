import { Buffer } from 'node:buffer';
import type { Unanswered } from './connection.ts';
import type { ConnectionLine, ConversationReport } from './conversation-report.ts';
import type { Finding } from './finding.ts';
import { isoTime } from './iso-time.ts';
import type { Latencies } from './latencies.ts';
import { packetFields } from './packet-fields.ts';
import type { PacketLinks } from './packet-links.ts';
import { isReadable, viewPayload } from './payload-text.ts';
import type { ShownField } from './shown-field.ts';
import type { Silence } from './silence-watch.ts';
import type { DecodedPacket, Gap } from './stream-decoder.ts';
import { DIRECTION_KEYS, type StreamReport } from './stream-report.ts';

import { versionTitle } from './version-tracker.ts';

/** Of every line: it changes only if a key goes or changes its meaning. */
const FORMAT_VERSION = 1;

/** A packet as one line of JSON. Values are whole; the bytes are left out if any is masked. */
export function renderJson(packet: DecodedPacket, showSecrets: boolean): string {
  const { findings, inspection, links, number, offset, stream, timeMs, version } = packet;
  const { bytes, missingBytes, name, sender } = inspection;
  const fields = packetFields(packet, showSecrets);
  const isMasked = fields.some(({ hiddenFrom }) => hiddenFrom !== undefined);
  return JSON.stringify({
    v: FORMAT_VERSION,
    type: 'packet',
    n: number,
    stream,
    dir: DIRECTION_KEYS[sender],
    ...(timeMs === undefined ? {} : { ts: isoTime(timeMs) }),
    offset,
    length: bytes.length,
    ...(missingBytes > 0 ? { missing: missingBytes } : {}),
    packet: name?.toUpperCase(),
    version: versionTitle(version.level),
    version_from: version.from,
    ...(version.evidence === undefined ? {} : { version_evidence: version.evidence }),
    fields: fields.filter(({ isSplit }) => isSplit !== true).map(jsonField),
    ...jsonLinks(links),
    findings: findings.map(jsonFinding),
    ...(isMasked ? {} : { raw: bytes.toString('hex') }),
  });
}

/** Bytes that are no packet, as one line of JSON. */
export function renderJsonGap({ bytes, isSecret, length, offset, stream }: Gap): string {
  const raw = isSecret ? {} : { raw: bytes.toString('hex') };
  return JSON.stringify({ v: FORMAT_VERSION, type: 'gap', stream, offset, length, ...raw });
}

/** A remark on how the bytes were read. */
export function renderJsonNote(text: string): string {
  return JSON.stringify({ v: FORMAT_VERSION, type: 'note', message: text });
}

/** The last line. */
export function renderJsonReport(report: StreamReport, conversations: ConversationReport): string {
  const { bytes, findings, gapBytes, gaps, packets, traffic, types } = report;
  const { connections, latencies, silences, unanswered } = conversations;
  return JSON.stringify({
    v: FORMAT_VERSION,
    type: 'summary',
    packets,
    bytes,
    types: Object.fromEntries(types),
    traffic: [...traffic.values()],
    gaps,
    gap_bytes: gapBytes,
    findings: Object.fromEntries(findings),
    connections: { count: connections.count, first: connections.items.map(jsonConnection) },
    unanswered: { count: unanswered.count, first: unanswered.items.map(jsonUnanswered) },
    silences: { count: silences.count, first: silences.items.map(jsonSilence) },
    latencies_us: Object.fromEntries([...latencies].map(jsonLatency)),
  });
}

function jsonConnection({ clientId, connect, stream, subscriptions }: ConnectionLine): object {
  return {
    stream,
    ...(connect === undefined ? {} : { connect }),
    ...(clientId === undefined ? {} : { client_id: clientId }),
    subscriptions: Object.fromEntries(subscriptions),
  };
}

function jsonUnanswered({ number, packet, packetId }: Unanswered): object {
  return { n: number, packet, ...(packetId === undefined ? {} : { packet_id: packetId }) };
}

function jsonSilence({ after, keepAliveSeconds, seconds }: Silence): object {
  return { after, seconds, keep_alive: keepAliveSeconds };
}

function jsonLatency([title, figures]: readonly [string, Latencies]): [string, object] {
  const { count, maxMs, medianMs, minMs } = figures;
  const [min, median, max] = [minMs, medianMs, maxMs].map(microseconds);
  return [title, { count, min, median, max }];
}

function jsonLinks(links: PacketLinks = {}): object {
  const { aliasTopic, answeredBy, answers, resumes, walk } = links;
  return {
    ...(answers === undefined
      ? {}
      : { answers: answers.number, ...jsonDuration('rtt_us', answers.ms) }),
    ...(answeredBy === undefined ? {} : { answered_by: answeredBy.number }),
    ...(aliasTopic === undefined ? {} : { alias_topic: aliasTopic }),
    ...(walk === undefined ? {} : { qos2: walk.numbers, ...jsonDuration('qos2_us', walk.ms) }),
    ...(resumes === undefined ? {} : { resumes }),
  };
}

function jsonDuration(key: string, ms: number | undefined): object {
  return ms === undefined ? {} : { [key]: microseconds(ms) };
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function jsonField(field: ShownField): object {
  const { bits, end, flaw, hiddenFrom, isImplied, meaning, path, start } = field;
  return {
    path,
    ...(hiddenFrom === undefined ? jsonValue(field) : { hidden: true }),
    ...(meaning === undefined ? {} : { text: meaning }),
    ...(isImplied ? { implied: true } : { offset: start, length: end - start }),
    ...(bits === undefined ? {} : { bits }),
    ...(flaw === undefined ? {} : { flaw }),
  };
}

/** Bytes are hex, and what they say beside it, if that is anything. */
function jsonValue({ role, value }: ShownField): object {
  if (!Buffer.isBuffer(value)) return { value };
  const text = isReadable(value) ? { text: value.toString('utf8') } : {};
  const view = role === 'payload' ? viewPayload(value) : undefined;
  if (view === undefined || view.form === 'text') return { hex: value.toString('hex'), ...text };
  const says = view.form === 'JSON' ? {} : { says: view.text };
  return { hex: value.toString('hex'), ...text, form: view.form.toLowerCase(), ...says };
}

function jsonFinding(finding: Finding): object {
  const { answer, clauseIds, code, likely, message, severity, span } = finding;
  return {
    code,
    severity,
    clauses: clauseIds,
    message,
    ...(answer === undefined ? {} : { answer }),
    ...(likely === undefined ? {} : { likely }),
    offset: span.start,
    length: span.end - span.start,
    ...(span.bits === undefined ? {} : { bits: span.bits }),
  };
}

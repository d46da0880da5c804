import { Buffer } from 'node:buffer';
import type { Finding } from './finding.ts';
import { type ShownField, shownFields } from './shown-field.ts';
import type { DecodedPacket, Gap } from './stream-decoder.ts';
import type { StreamReport } from './stream-report.ts';
import { isReadable } from './value-text.ts';
import { versionTitle } from './version-tracker.ts';

/** Of every line: it changes only if a key goes or changes its meaning. */
const FORMAT_VERSION = 1;

const DIRECTIONS = { client: 'c2s', server: 's2c', either: 'unknown' } as const;

/** A packet as one line of JSON. Values are whole; the bytes are left out if any is masked. */
export function renderJson(packet: DecodedPacket, showSecrets: boolean): string {
  const { findings, inspection, number, offset, stream, version } = packet;
  const { bytes, missingBytes, name, sender } = inspection;
  const fields = shownFields(inspection, showSecrets);
  const isMasked = fields.some(({ hiddenFrom }) => hiddenFrom !== undefined);
  return JSON.stringify({
    v: FORMAT_VERSION,
    type: 'packet',
    n: number,
    stream,
    dir: DIRECTIONS[sender],
    offset,
    length: bytes.length,
    ...(missingBytes > 0 ? { missing: missingBytes } : {}),
    packet: name?.toUpperCase(),
    version: versionTitle(version.level),
    version_from: version.from,
    fields: fields.filter(({ isSplit }) => isSplit !== true).map(jsonField),
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
export function renderJsonReport(report: StreamReport): string {
  const { bytes, findings, gapBytes, gaps, packets, types } = report;
  return JSON.stringify({
    v: FORMAT_VERSION,
    type: 'summary',
    packets,
    bytes,
    types: Object.fromEntries(types),
    gaps,
    gap_bytes: gapBytes,
    findings: Object.fromEntries(findings),
  });
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

/** Bytes are hex, and text beside it if they are readable. */
function jsonValue({ value }: ShownField): object {
  if (!Buffer.isBuffer(value)) return { value };
  const text = isReadable(value) ? { text: value.toString('utf8') } : {};
  return { hex: value.toString('hex'), ...text };
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

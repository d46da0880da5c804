import { hexByte } from '../base/hex-byte.ts';
import { type ReasonName, reasonCode, returnCode } from '../codec/reason-code.ts';
import { clauseId, clauseText } from './clause-text.ts';
import { DIAGNOSES, type FindingCode, type Severity } from './diagnosis.ts';
import { type Span, spanOf } from './finding-span.ts';
import type { Inspection } from './inspect-packet.ts';
import { likelyCause } from './likely-cause.ts';
import { plainWords } from './plain-words.ts';
import type { BreachTrace } from './tracing-reader.ts';

/** What is wrong with a packet, for a person and for a program. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Where the rule stands, as text in brackets. */
  readonly clauses: readonly string[];
  readonly clauseIds: readonly string[];
  /** What this packet does. */
  readonly message: string;
  /** What the rule asks for: the same as `message` where that says it already. */
  readonly rule: string;
  /** What a receiver does about it; undefined where it does nothing. */
  readonly answer: string | undefined;
  /** Only where the bytes speak for it. */
  readonly likely: string | undefined;
  readonly span: Span;
}

/** All findings of a packet, in the order of its bytes. */
export function findingsOf(inspection: Inspection): Finding[] {
  const breaches = withoutConsequences(inspection.breaches);
  const findings = breaches.map((breach) => findingOf(breach, inspection));
  const odd = oddLength(inspection);
  if (odd !== undefined) findings.push(odd);
  if (inspection.missingBytes > 0) findings.push(truncated(inspection));
  return findings.sort((a, b) => a.span.start - b.span.start);
}

/** Whether a packet with these findings is one that its receiver may not accept. */
export function isFault({ severity }: Finding): boolean {
  return severity === 'malformed' || severity === 'protocol';
}

/** A packet whose whole size is too small has fields that do not fit: that is one fault. */
function withoutConsequences(breaches: readonly BreachTrace[]): readonly BreachTrace[] {
  if (!breaches.some(({ error }) => error.rule === 'wrong-length')) return breaches;
  return breaches.filter(({ error }) => error.rule !== 'field-overrun');
}

function findingOf(breach: BreachTrace, inspection: Inspection): Finding {
  const { error, subjects } = breach;
  const { rule, ruleOf, severity = 'protocol' } = DIAGNOSES[error.rule] ?? {};
  const subject = subjects.find((key) => ruleOf?.[key] !== undefined) ?? '';
  const message = plainWords(error.what);
  return {
    code: error.rule,
    severity,
    clauses: error.clauses.map(clauseText),
    clauseIds: error.clauses.map(clauseId),
    message,
    rule: ruleOf?.[subject] ?? rule ?? message,
    answer: answerTo(error.rule, error.reason, inspection),
    likely: likelyCause(breach, inspection),
    span: spanOf(breach, inspection),
  };
}

/** Section 4.13 of 5.0; before it, a server closes, and only CONNACK can say why. */
export function answerTo(
  code: FindingCode,
  reason: ReasonName,
  { level, name, sender }: Inspection,
): string {
  const who = RECEIVERS[sender];
  if (level !== 5) {
    const code3 = name === 'connect' ? returnCode(reason) : undefined;
    const isSilent = code3 === undefined || code === 'protocol-name';
    return isSilent ? `${who} closes` : `${who} answers CONNACK ${hexByte(code3)} and closes`;
  }
  const packet = name === 'connect' ? 'CONNACK' : 'DISCONNECT';
  const other = code === 'packet-id-zero' ? ' (or 0x81)' : '';
  return `${who} answers ${packet} ${hexByte(reasonCode(reason))}${other}`;
}

const RECEIVERS = { client: 'the server', server: 'the client', either: 'the receiver' } as const;

/** Before 5.0 the Remaining Length may be longer than need be; few libraries write it so. */
function oddLength({ fields, level }: Inspection): Finding | undefined {
  const length = fields.find(({ path }) => path === 'remainingLength');
  if (level === 5 || length === undefined || typeof length.value !== 'number') return undefined;
  const { end, start, value } = length;
  if (end - start === 1 || value >= 1 << (7 * (end - start - 1))) return undefined;
  const message = 'remaining length is longer than it need be';
  return {
    code: 'length-not-minimal',
    severity: 'odd',
    clauses: [],
    clauseIds: [],
    message,
    rule: `${message}; only 5.0 forbids it`,
    answer: undefined,
    likely: undefined,
    span: { start, end },
  };
}

function truncated({ bytes, fields, missingBytes }: Inspection): Finding {
  const isHeaderCut = !fields.some(({ flaw, path }) => path === 'remainingLength' && !flaw);
  const count = missingBytes === 1 ? '1 more byte' : `${missingBytes} more bytes`;
  const message = isHeaderCut ? `the fixed header needs at least ${count}` : `needs ${count}`;
  return {
    code: 'truncated',
    severity: 'malformed',
    clauses: [],
    clauseIds: [],
    message,
    rule: message,
    answer: undefined,
    likely: undefined,
    span: { start: bytes.length, end: bytes.length },
  };
}

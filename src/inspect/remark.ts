import { clauseId, clauseText } from './clause-text.ts';
import { answerTo, type Finding } from './finding.ts';
import { findSpan, type Span } from './finding-span.ts';
import type { Inspection } from './inspect-packet.ts';
import { type RemarkName, remarkRule } from './remark-rules.ts';

/** A rule that a packet breaks by what was before it, or that it keeps in an odd way. */
export interface Remark {
  readonly rule: RemarkName;
  /** What this packet does. */
  readonly what: string;
  /** Only where there is evidence. */
  readonly likely?: string | undefined;
  /** Where, if the rule's field is not all there is to say of it. */
  readonly span?: Span | undefined;
}

/** A remark as the finding that it is for people and programs. */
export function findingOfRemark(
  { likely, rule, span, what }: Remark,
  inspection: Inspection,
): Finding {
  const {
    code,
    field = 'type',
    reason,
    rule: asks,
    severity = 'protocol',
    ...row
  } = remarkRule(rule);
  const clauses = (inspection.level === 5 ? row.v5 : row.v3) ?? [];
  return {
    code,
    severity,
    clauses: clauses.map(clauseText),
    clauseIds: clauses.map(clauseId),
    message: what,
    rule: asks === undefined ? what : `${what}: ${asks}`,
    answer: reason === undefined ? undefined : answerTo(code, reason, inspection),
    likely,
    span: span ?? findSpan(inspection.fields, field),
  };
}

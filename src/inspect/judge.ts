import { type Finding, findingsOf } from './finding.ts';
import type { Inspection } from './inspect-packet.ts';
import { oddRemarks } from './odd-remarks.ts';
import { findingOfRemark } from './remark.ts';

/** All that is to be said of a packet by itself, in the order of its bytes. */
export function judge(inspection: Inspection): Finding[] {
  const odd = oddRemarks(inspection).map((remark) => findingOfRemark(remark, inspection));
  return [...findingsOf(inspection), ...odd].sort((a, b) => a.span.start - b.span.start);
}

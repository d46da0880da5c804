import type { ProtocolLevel } from './packet.ts';
import { type ReasonName, reasonCode } from './reason-code.ts';
import { type RuleName, ruleFor, type SpecClause } from './rules.ts';

/** Which case of a rule was broken, and where. */
export interface Breach {
  /** The version whose rules held; a rule of one may be none of another. */
  readonly level: ProtocolLevel;
  /** Field, packet or side, from the nearest: the first that the rule knows adds its clauses. */
  readonly subjects?: readonly string[];
  /** Byte in the packet where the rule broke; left out where no one byte is to blame. */
  readonly offset?: number;
  /** Clauses that only the place of refusal knows: a property's own section. */
  readonly clauses?: readonly SpecClause[];
}

/** The peer broke a rule; the connection ends with `reason` on the wire (section 4.13). */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly rule: RuleName;
  readonly reason: ReasonName;
  /** Where the rule stands, in the version in force; the most telling one first. */
  readonly clauses: readonly SpecClause[];
  readonly offset: number | undefined;
  /** The message without its clause, for those who show the clause elsewhere. */
  readonly what: string;

  constructor(rule: RuleName, what: string, breach: Breach) {
    const { reason, clauses } = ruleFor(rule, breach.level, breach.subjects ?? []);
    const all = [...clauses, ...(breach.clauses ?? [])];
    super(all.length === 0 ? what : `${what} [${all[0]}]`);
    this.rule = rule;
    this.what = what;
    this.reason = reason;
    this.clauses = all;
    this.offset = breach.offset;
  }

  get reasonCode(): number {
    return reasonCode(this.reason);
  }
}

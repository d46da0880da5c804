import type { ReasonName } from '../codec/reason-code.ts';

/**
 * A client asked for more than this broker gives, by a limit of its own and no rule of the
 * standard: the connection ends with `reason` on the wire.
 */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly reason: ReasonName;
  /** The option that sets the limit; undefined for one that is fixed. */
  readonly limit: string | undefined;

  constructor(reason: ReasonName, message: string, limit?: string) {
    super(message);
    this.reason = reason;
    this.limit = limit;
  }
}

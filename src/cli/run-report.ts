import type { CallerError } from '../base/caller-error.ts';
import type { ClientTarget } from './client-options.ts';
import type { RunEnd } from './client-run.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { withAdvice } from './refusal-advice.ts';
import type { Reporter } from './reporter.ts';

/** What one run of `pub` or `sub` has met, told as it happens, and the exit codes for it. */
export class RunReport {
  readonly #target: ClientTarget;
  readonly #reporter: Reporter;
  #refusalCode: ExitCode | undefined = undefined;

  constructor(target: ClientTarget, reporter: Reporter) {
    this.#target = target;
    this.#reporter = reporter;
  }

  /** Of the first message or filter that was refused. */
  get refusalCode(): ExitCode | undefined {
    return this.#refusalCode;
  }

  /** Tells that the broker does not take a message or filter; the others go on. */
  refuse(error: CallerError, deed: 'publish' | 'subscribe'): void {
    const code = this.#reporter.report(withAdvice(error, deed, this.#target));
    this.#refusalCode ??= code;
  }

  /** Tells why the run has ended. @param isMoot whether its work was done by then. */
  end(end: Exclude<RunEnd, { readonly kind: 'signal' }>, isMoot: boolean): ExitCode {
    if (end.error === undefined || isMoot) return EXITS.ok.code;
    return this.#reporter.report(withAdvice(end.error, 'connect', this.#target));
  }
}

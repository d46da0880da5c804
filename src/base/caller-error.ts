/** Whose doing it was, as far as a script has to tell; each kind has an exit code in the cli. */
export type CallerErrorKind =
  /** Asked for wrongly: option, topic, value. Nothing was sent. */
  | 'usage'
  /** No connection: name, address, port, or no CONNACK in time. */
  | 'connect'
  /** No TLS: certificate, name, version, key or passphrase. */
  | 'tls'
  /** A connection that ended before the work was done. */
  | 'lost'
  /** The peer said no: `reasonCode` says why. */
  | 'refused'
  /** The time that the caller set has passed. */
  | 'timeout'
  /** A file, standard input or standard output. */
  | 'file'
  /** The machine does not allow it: a port that is taken, say. */
  | 'environment';

/** The three parts of a message to a person are the error's message, `why` and `remedy`. */
export interface CallerErrorDetails {
  readonly why?: string | undefined;
  /** What to do about it: one sentence. */
  readonly remedy?: string | undefined;
  /** With kind `refused`: 0x80..0xA2. */
  readonly reasonCode?: number | undefined;
  /** What the peer adds to it, as it came. */
  readonly reasonString?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The caller's fault, or that of the machine or peer they chose: not ours.
 * The terminal shows what, why and what to do, never a stack.
 */
export class CallerError extends Error {
  override readonly name = 'CallerError';
  readonly kind: CallerErrorKind;
  readonly why: string | undefined;
  readonly remedy: string | undefined;
  readonly reasonCode: number | undefined;
  readonly reasonString: string | undefined;

  constructor(kind: CallerErrorKind, message: string, details: CallerErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.why = details.why;
    this.remedy = details.remedy;
    this.reasonCode = details.reasonCode;
    this.reasonString = details.reasonString;
  }
}

import { CallerError } from '../base/caller-error.ts';
import type { Random } from '../base/random.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { reasonCode } from '../codec/reason-code.ts';
import { BackOff } from './back-off.ts';
import { isPassing } from './retry-verdict.ts';

/** A connection that lives so long is a good one: what went before it is forgotten. */
const GOOD_MS = 10_000;
/** One that the peer closes sooner than this, so often in a row, was taken over by another. */
const SHORT_MS = 5000;
const SHORT_LIVES_MAX = 3;

/** Whether, and how often, to try again. */
export interface ReconnectPolicy {
  /** The first connection, too, as long as there has been none. */
  readonly waitsForServer: boolean;
  /** A connection that was lost. */
  readonly reconnects: boolean;
  /** Attempts in a row; Infinity for no limit. */
  readonly attemptsMax: number;
}

/** What to do about a connection that is gone: another attempt, or the end with this error. */
export type AfterLoss =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'end'; readonly error: CallerError };

/** Decides after each connection, or attempt at one, whether there is to be another. */
export class Reconnection {
  readonly #policy: ReconnectPolicy;
  readonly #backOff: BackOff;
  #connectedAtMs: number | undefined = undefined;
  #hasEverConnected = false;
  /** How many connections in a row were accepted, and closed without a word soon after. */
  #shortLives = 0;

  constructor(policy: ReconnectPolicy, random: Pick<Random, 'below'>) {
    this.#policy = policy;
    this.#backOff = new BackOff(random);
  }

  /** Whether CONNACK has accepted at least once. */
  get hasEverConnected(): boolean {
    return this.#hasEverConnected;
  }

  /** CONNACK has accepted. */
  onConnected(nowMs: number): void {
    this.#connectedAtMs = nowMs;
    this.#hasEverConnected = true;
  }

  /** A connection has ended, or an attempt has failed. */
  onLost(error: CallerError, level: ProtocolLevel, nowMs: number): AfterLoss {
    const livedMs = this.#connectedAtMs === undefined ? undefined : nowMs - this.#connectedAtMs;
    this.#connectedAtMs = undefined;
    if (livedMs !== undefined && livedMs >= GOOD_MS) this.#backOff.reset();
    if (livedMs !== undefined) this.#countShortLife(error, level, livedMs);
    const { attemptsMax, reconnects, waitsForServer } = this.#policy;
    if (this.#shortLives === SHORT_LIVES_MAX) return { kind: 'end', error: takenOver(error) };
    const isWanted = this.#hasEverConnected ? reconnects : waitsForServer;
    const isLeft = this.#backOff.attempts < attemptsMax;
    if (!isWanted || !isLeft || !isPassing(error)) {
      return { kind: 'end', error: this.#hasEverConnected ? notRegained(error) : error };
    }
    return { kind: 'retry', delayMs: this.#backOff.nextMs() };
  }

  /** Before 5.0 a server that hands the session over closes, and cannot say why. */
  #countShortLife(error: CallerError, level: ProtocolLevel, livedMs: number): void {
    const wasClosed = error.kind === 'lost' && !(error.cause instanceof ProtocolError);
    if (level < 5 && wasClosed && livedMs < SHORT_MS) this.#shortLives += 1;
    else this.#shortLives = 0;
  }
}

/** What cannot be reached again was lost, whatever the last attempt met. */
function notRegained(error: CallerError): CallerError {
  if (error.kind !== 'connect') return error;
  const { why, remedy } = error;
  const what = `connection lost and not regained: ${error.message}`;
  return new CallerError('lost', what, { why, remedy, cause: error });
}

function takenOver(cause: CallerError): CallerError {
  const code = reasonCode('sessionTakenOver');
  return new CallerError('refused', 'another client is using this client id', {
    why: `the broker accepted ${SHORT_LIVES_MAX} connections in a row and closed each at once`,
    remedy: 'give each client its own -i',
    reasonCode: code,
    cause,
  });
}

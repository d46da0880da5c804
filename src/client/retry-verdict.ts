import type { CallerError } from '../base/caller-error.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { type ReasonName, reasonCode } from '../codec/reason-code.ts';

/** What a server refuses for now, by CONNACK or DISCONNECT; every other refusal is for good. */
const PASSING: ReadonlySet<number> = new Set(
  (
    [
      'unspecifiedError',
      'implementationSpecificError',
      'serverUnavailable',
      'serverBusy',
      'serverShuttingDown',
      'keepAliveTimeout',
      'receiveMaximumExceeded',
      'topicAliasInvalid',
      'messageRateTooHigh',
      'quotaExceeded',
      'administrativeAction',
      'connectionRateExceeded',
      'maximumConnectTime',
    ] satisfies readonly ReasonName[]
  ).map(reasonCode),
);

/**
 * Whether another attempt may go better. What the server does not speak, and what it refuses for
 * good, goes no better the second time.
 */
export function isPassing(error: CallerError): boolean {
  switch (error.kind) {
    case 'connect':
      return true;
    case 'lost':
      return !(error.cause instanceof ProtocolError);
    case 'tls':
      // A server that ends closes in the middle of handshakes, too; all else is for good.
      return hasCode(error.cause, 'ECONNRESET');
    case 'refused':
      return error.reasonCode !== undefined && PASSING.has(error.reasonCode);
    default:
      return false;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

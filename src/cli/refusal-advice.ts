import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { ClientTarget } from './client-options.ts';

interface Advice {
  readonly why: string;
  readonly remedy: string;
}

/**
 * Adds to a broker's refusal why it probably refused, and what to do, as far as its own words say
 * nothing else. Errors of other kinds are returned as they are.
 */
export function withAdvice(
  error: CallerError,
  deed: 'connect' | 'publish' | 'subscribe',
  { connect, neededBy, server }: Pick<ClientTarget, 'connect' | 'neededBy' | 'server'>,
): CallerError {
  const { reasonCode } = error;
  if (error.kind !== 'refused' || reasonCode === undefined) return error;
  const id = quoteText(connect.clientId);
  const advice = deed === 'connect' ? connectAdvice(reasonCode, id, neededBy) : undefined;
  const isTakenOver = reasonCode === 0x8e;
  const { why, remedy } = advice ?? (reasonCode === 0x87 ? denied(deed, connect.userName) : {});
  const message = isTakenOver ? `another client of ${server} is using the id ${id}` : error.message;
  return new CallerError('refused', message, {
    why: error.why ?? why,
    remedy: error.remedy ?? remedy,
    reasonString: error.reasonString,
    reasonCode,
    cause: error,
  });
}

function connectAdvice(code: number, id: string, neededBy?: string): Advice | undefined {
  switch (code) {
    case 0x84:
      if (neededBy !== undefined) {
        return {
          why: `the broker speaks an older version, and ${neededBy} needs MQTT 5`,
          remedy: `leave ${neededBy} out`,
        };
      }
      return {
        why: 'the broker does not speak this version of MQTT',
        remedy: 'choose another with -V: 5, 311 or 31',
      };
    case 0x85:
      return {
        why: `the id ${id} is not allowed there`,
        remedy: 'use 1-23 letters and digits with -i',
      };
    case 0x86:
      return {
        why: 'the broker knows no such user and password',
        remedy: 'check -u and -P',
      };
    case 0x87:
      return {
        why: 'the broker does not let this client in',
        remedy: 'give a user name with -u and a password with -P',
      };
    case 0x8e:
      return {
        why: 'the broker handed the session over (0x8E)',
        remedy: 'give each client its own -i',
      };
    default:
      return undefined;
  }
}

function denied(deed: string, userName: string | undefined): Advice {
  const whom = userName === undefined ? 'clients without a name' : `user ${quoteText(userName)}`;
  return {
    why: `the broker's rules deny this to ${whom}`,
    remedy: deed === 'publish' ? 'use another topic or user' : 'use another filter or user',
  };
}

import { CallerError } from '../base/caller-error.ts';
import type { ClientTarget } from './client-options.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { unusableValue } from './option-values.ts';

const GROUP = 'Session';
/** The value of Session Expiry Interval that means never (section 3.1.2.11.2). */
const NEVER_SECONDS = 0xffff_ffff;

/** What the broker is to remember when this client is away. */
export const SESSION_OPTIONS = {
  'disable-clean-session': {
    type: 'boolean',
    alias: 'c',
    describe: 'go on with the session of an earlier run, and leave one; needs -i',
    group: GROUP,
  },
  'session-expiry': {
    type: 'string',
    alias: 'x',
    value: 'SECONDS',
    coerce: parseExpiry,
    defaultDescription: '0; with -c never',
    describe: 'how long the broker keeps the session; -1 is for ever (MQTT 5)',
    group: GROUP,
  },
} as const satisfies OptionTable;

/**
 * Adds to a target what its session is to be.
 *
 * @throws CallerError usage for a session that nobody could find again, or that the version does
 *   not have.
 */
export function withSession(
  target: ClientTarget,
  options: OptionsOf<typeof SESSION_OPTIONS> & { readonly id?: string | undefined },
): ClientTarget {
  const { disableCleanSession = false, id = '', sessionExpiry } = options;
  if (disableCleanSession && id === '') {
    throw needsId('-c', 'go on with a session');
  }
  if (sessionExpiry === NEVER_SECONDS && id === '') {
    throw needsId('-x -1', 'keep a session for ever');
  }
  const seconds = sessionExpiry ?? (disableCleanSession ? NEVER_SECONDS : 0);
  const { connect } = target;
  const properties =
    seconds === 0 ? connect.properties : { ...connect.properties, sessionExpiryInterval: seconds };
  return { ...target, connect: { ...connect, isCleanStart: !disableCleanSession, properties } };
}

function parseExpiry(text: string, option: string): number {
  if (text === '-1' || text === '∞') return NEVER_SECONDS;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= NEVER_SECONDS) return seconds;
  throw unusableValue(option, text, 'give seconds from 0 to 4294967294, or -1 for ever');
}

function needsId(option: string, what: string): CallerError {
  return new CallerError('usage', `${option} needs a client id`, {
    why: `without one of your own no later run could ${what}`,
    remedy: 'name one with -i',
  });
}

import { CallerError } from '../base/caller-error.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import type { ClientTarget } from './client-options.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseNameValue, parseSizeBytes, unusableValue, wholeNumber } from './option-values.ts';
import type { PropertyBag } from './property-bag.ts';

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
  'receive-maximum': {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, 65_535),
    defaultDescription: '65535; with -C as many',
    describe: 'messages of QoS 1 and 2 that the broker may send before an ack (MQTT 5)',
    group: GROUP,
  },
  'max-packet-size': {
    type: 'string',
    value: 'SIZE',
    coerce: parsePacketSize,
    describe: 'the largest packet that the broker may send (MQTT 5)',
    group: GROUP,
  },
  'topic-alias-maximum': {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(0, 65_535),
    defaultDescription: '0',
    describe: 'topic aliases that the broker may set (MQTT 5)',
    group: GROUP,
  },
  'connect-user-property': {
    type: 'string',
    value: 'NAME=VALUE',
    array: true,
    coerce: parseNameValue,
    describe: 'user property of CONNECT; may be repeated (MQTT 5)',
    group: GROUP,
  },
} as const satisfies OptionTable;

type SessionChoice = OptionsOf<typeof SESSION_OPTIONS> & { readonly id?: string | undefined };

/** Adds what the options announce to the properties of CONNECT. */
export function addSessionProperties(options: SessionChoice, bag: PropertyBag): void {
  bag.add('connect', 'sessionExpiryInterval', options.sessionExpiry, '-x');
  bag.add('connect', 'receiveMaximum', options.receiveMaximum, '--receive-maximum');
  bag.add('connect', 'maximumPacketSize', options.maxPacketSize, '--max-packet-size');
  bag.add('connect', 'topicAliasMaximum', options.topicAliasMaximum, '--topic-alias-maximum');
  for (const pair of options.connectUserProperty) {
    bag.add('connect', 'userProperty', pair, '--connect-user-property');
  }
}

/**
 * Adds to a target what its session is to be: with `-c` it lasts for ever, unless the properties
 * say how long.
 *
 * @throws CallerError usage for a session that nobody could find again.
 */
export function withSession(
  target: ClientTarget,
  options: SessionChoice,
  bag: PropertyBag,
): ClientTarget {
  const { disableCleanSession = false, id = '' } = options;
  const said: PropertiesOf<'connect'> = bag.for('connect');
  const { sessionExpiryInterval = disableCleanSession ? NEVER_SECONDS : undefined } = said;
  if (disableCleanSession && id === '') throw needsId('-c', 'go on with the session');
  if (sessionExpiryInterval === NEVER_SECONDS && id === '') {
    throw needsId('-x -1', 'find the session');
  }
  const { connect } = target;
  const properties = { ...connect.properties, ...said };
  const kept = sessionExpiryInterval === undefined ? {} : { sessionExpiryInterval };
  return {
    ...target,
    connect: {
      ...connect,
      isCleanStart: !disableCleanSession,
      properties: { ...properties, ...kept },
    },
  };
}

function parseExpiry(text: string, option: string): number {
  if (text === '-1' || text === '∞') return NEVER_SECONDS;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= NEVER_SECONDS) return seconds;
  throw unusableValue(option, text, 'give seconds from 0 to 4294967294, or -1 for ever');
}

function parsePacketSize(text: string, option: string): number {
  const bytes = parseSizeBytes(text, option);
  if (bytes >= 1 && bytes <= 0xffff_ffff) return bytes;
  throw unusableValue(option, text, 'give a size from 1 to 4294967295 bytes');
}

function needsId(option: string, what: string): CallerError {
  return new CallerError('usage', `${option} needs a client id`, {
    why: `without one of your own no later run can ${what}`,
    remedy: 'name one with -i',
  });
}

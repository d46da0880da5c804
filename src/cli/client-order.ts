import { CallerError } from '../base/caller-error.ts';
import type { Goodbye } from '../client/client-host.ts';
import { CLIENT_OPTIONS, type ClientTarget, clientTarget } from './client-options.ts';
import { CREDENTIAL_OPTIONS, givenPassword } from './credentials.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseText } from './option-values.ts';
import type { Platform } from './platform.ts';
import { PropertyBag } from './property-bag.ts';
import { PROPERTY_OPTION } from './property-option.ts';
import { RECONNECT_OPTIONS, reconnectPolicy } from './reconnect-options.ts';
import { addSessionProperties, SESSION_OPTIONS, withSession } from './session-options.ts';
import { addWillProperties, givenWill, WILL_OPTIONS } from './will-options.ts';

const WILL_WANTED = 0x04;

/** All that `pub` and `sub` have in common. */
export const ORDER_OPTIONS = {
  ...CLIENT_OPTIONS,
  'id-prefix': {
    type: 'string',
    alias: 'I',
    value: 'TEXT',
    coerce: parseText,
    describe: 'client id: this, and the process id',
    group: 'Connection',
  },
  ...CREDENTIAL_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...SESSION_OPTIONS,
  ...WILL_OPTIONS,
  ...PROPERTY_OPTION,
} as const satisfies OptionTable;

/** The options of `ORDER_OPTIONS` that the environment can set, too. */
export const ORDER_VARIABLES: readonly string[] = Object.keys(ORDER_OPTIONS);

export type OrderOptions = OptionsOf<typeof ORDER_OPTIONS>;

/** How a command differs from another. */
export interface OrderTerms {
  /** What its client ids begin with. */
  readonly prefix: string;
  /** Whether the run reconnects unasked. */
  readonly isLong: boolean;
  /** Adds the command's own options to the properties. */
  readonly addProperties?: (bag: PropertyBag) => Promise<void> | void;
}

/** Whom to connect to and how, and the properties of the packets that are sent then. */
export interface ClientOrder {
  readonly target: ClientTarget;
  readonly bag: PropertyBag;
}

/** Reads the options. Rejects with a `CallerError`, usage or file, before anything is sent. */
export async function clientOrder(
  options: OrderOptions,
  { addProperties, isLong, prefix }: OrderTerms,
  platform: Platform,
): Promise<ClientOrder> {
  if (options.id !== undefined && options.idPrefix !== undefined) {
    throw new CallerError('usage', '-i and -I exclude each other', { remedy: 'give one of them' });
  }
  const { MQTTK_PASSWORD } = platform.env;
  const isGiven = options.pw !== undefined && options.pw !== MQTTK_PASSWORD;
  const isShown = isGiven || options.url?.password !== undefined;
  // What the URL says comes before what the environment says, and after all else.
  const isInUrl = !isGiven && options.url?.password !== undefined;
  const pw = await givenPassword(isInUrl ? { ...options, pw: undefined } : options, platform);
  if (isShown) hidePassword(options, platform);
  const bag = await PropertyBag.of(options.property, platform);
  addSessionProperties(options, bag);
  await addWillProperties(options, bag, platform);
  await addProperties?.(bag);
  const named = options.idPrefix === undefined ? {} : { id: `${options.idPrefix}${platform.pid}` };
  const reached = await clientTarget({ ...options, ...named, pw }, prefix, platform);
  const target = withSession(reached, options, bag);
  const will = await givenWill(options, bag, platform);
  return {
    bag,
    target: {
      ...target,
      connect: { ...target.connect, will },
      levels: levelsFor(bag, target),
      neededBy: bag.neededBy,
      reconnect: reconnectPolicy(options, isLong),
      goodbye: goodbyeFor(options, bag, target),
    },
  };
}

/** Nobody goes back to an older version that cannot say what is asked for. */
function levelsFor({ neededBy }: PropertyBag, { levels }: ClientTarget): ClientTarget['levels'] {
  if (neededBy === undefined) return levels;
  if (levels.includes(5)) return [5];
  throw new CallerError('usage', `${neededBy} needs MQTT 5`, { remedy: 'leave -V out, or give 5' });
}

/** What stands on the command line can be read by whoever lists the processes. */
function hidePassword({ quiet }: OrderOptions, platform: Platform): void {
  platform.hideWords();
  if (!platform.isTerminal.stderr || quiet === true) return;
  platform.warn('note: -P and -L show a password to others here for a moment;');
  platform.warn('  --ask-password, --password-file and MQTTK_PASSWORD do not');
}

/** A session that was to end with the connection cannot be made to last by its end. */
function goodbyeFor(options: OrderOptions, bag: PropertyBag, target: ClientTarget): Goodbye {
  const properties = bag.for('disconnect');
  const { sessionExpiryInterval = 0 } = target.connect.properties;
  if (sessionExpiryInterval === 0 && (properties.sessionExpiryInterval ?? 0) > 0) {
    throw new CallerError('usage', '-D disconnect session-expiry-interval comes too late', {
      why: 'a session that was to end with the connection cannot be made to last',
      remedy: 'give -x as well',
    });
  }
  return { reasonCode: options.willOnExit === true ? WILL_WANTED : 0, properties };
}

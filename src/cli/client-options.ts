import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { ConnectRequest, Goodbye } from '../client/client-host.ts';
import type { ReconnectPolicy } from '../client/reconnection.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseDurationMs, parseText, wholeNumber } from './option-values.ts';
import type { Platform } from './platform.ts';
import { randomText } from './random-text.ts';
import { TRANSPORT_OPTIONS, type Transport, transportFrom } from './transport-options.ts';

const GROUP = 'Connection';
/** With the eight letters of a command's name it is short enough for MQTT 3.1 [V31-7]. */
const RANDOM_ID_LENGTH = 8;

const LEVELS: Readonly<Record<string, ProtocolLevel>> = {
  '5': 5,
  '311': 4,
  '31': 3,
  mqttv5: 5,
  mqttv311: 4,
  mqttv31: 3,
};

/** What `pub` and `sub` have in common: how to get to a broker, and as whom. */
export const CLIENT_OPTIONS = {
  ...TRANSPORT_OPTIONS,
  id: {
    type: 'string',
    alias: 'i',
    value: 'ID',
    coerce: parseText,
    defaultDescription: 'the command, and 8 random characters: mqttkpub3x0k9a2f',
    describe: 'client id; "" asks the broker for one',
    group: GROUP,
  },
  username: {
    type: 'string',
    alias: 'u',
    value: 'NAME',
    coerce: parseText,
    describe: 'user name',
    group: GROUP,
  },
  pw: {
    type: 'string',
    alias: 'P',
    value: 'PASSWORD',
    coerce: parseText,
    describe: 'password',
    group: GROUP,
  },
  keepalive: {
    type: 'string',
    alias: 'k',
    value: 'SECONDS',
    default: '60',
    coerce: wholeNumber(0, 65_535),
    describe: 'after how long without a packet to ping; 0 is never',
    group: GROUP,
  },
  'protocol-version': {
    type: 'string',
    alias: 'V',
    value: 'VERSION',
    choices: Object.keys(LEVELS),
    defaultDescription: '5, or 3.1.1 if the broker is older',
    describe: 'version of MQTT, and no other',
    group: GROUP,
  },
  timeout: {
    type: 'string',
    alias: 'W',
    value: 'DURATION',
    coerce: parseDurationMs,
    describe: 'how long the whole run may take; exit 27 when it is over',
    group: GROUP,
  },
  quiet: { type: 'boolean', describe: 'no messages on standard error but for wrong usage' },
} as const satisfies OptionTable;

/** A broker, and what to say to it. */
export interface ClientTarget extends Pick<Transport, 'server' | 'dial'> {
  readonly connect: Omit<ConnectRequest, 'level'>;
  /** The versions to try, one after the other. */
  readonly levels: readonly ProtocolLevel[];
  /** Whether to try again; one attempt otherwise. */
  readonly reconnect?: ReconnectPolicy;
  /** The option for which no version before 5.0 will do. */
  readonly neededBy?: string | undefined;
  /** How to leave; in peace otherwise. */
  readonly goodbye?: Goodbye | undefined;
  /** For the whole run; undefined if it has no limit. */
  readonly timeoutMs: number | undefined;
}

/**
 * Reads the options. `prefix` begins the client id where none is given.
 *
 * Rejects with a `CallerError`: usage for what the version cannot say, or what keeps it from
 * connecting at all.
 */
export async function clientTarget(
  options: OptionsOf<typeof CLIENT_OPTIONS>,
  prefix: string,
  platform: Platform,
): Promise<ClientTarget> {
  const { keepalive, protocolVersion, timeout } = options;
  const level = protocolVersion === undefined ? undefined : LEVELS[protocolVersion];
  const transport = await transportFrom(options, level === 3, platform);
  const { pw = transport.named.password, username = transport.named.userName } = options;
  if (pw !== undefined && username === undefined && level !== 5 && level !== undefined) {
    throw needsVersion5('a password without a user name', 'give a user name with -u, or -V 5');
  }
  if (options.id === '' && level === 3) {
    throw needsVersion5('an empty client id', 'give one with -i, or another version with -V');
  }
  if (options.quiet !== true) for (const line of transport.warnings) platform.warn(line);
  const random = (count: number) => platform.randomBytes(count);
  return {
    server: transport.server,
    dial: transport.dial,
    levels: level === undefined ? defaultLevels(pw, username) : [level],
    timeoutMs: timeout,
    connect: {
      isCleanStart: true,
      keepAliveSeconds: keepalive,
      clientId: options.id ?? `${prefix}${randomText(RANDOM_ID_LENGTH, random)}`,
      will: undefined,
      userName: username,
      password: pw === undefined ? undefined : Buffer.from(pw),
      properties: NO_PROPERTIES,
    },
  };
}

/** The topics of -t; without any, the one of the URL, if it has one. */
export function topicsOr(
  given: readonly string[],
  inUrl: string | undefined,
  parse: (text: string) => string,
): readonly string[] {
  return given.length > 0 || inUrl === undefined ? given : [parse(inUrl)];
}

/** Before 5.0 no password goes without a name [311:3.1.2-22]: there is nothing to go back to. */
function defaultLevels(pw: string | undefined, name: string | undefined): readonly ProtocolLevel[] {
  return pw !== undefined && name === undefined ? [5] : [5, 4];
}

function needsVersion5(what: string, remedy: string): CallerError {
  return new CallerError('usage', `${what} is not allowed before MQTT 5`, { remedy });
}

import type { ReconnectPolicy } from '../client/reconnection.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseCount } from './option-values.ts';

const GROUP = 'Connection';

/** When to try again, and for how long. */
export const RECONNECT_OPTIONS = {
  'wait-for-broker': {
    type: 'boolean',
    describe: 'try the first connection again, too, until there is one; -W bounds it',
    group: GROUP,
  },
  reconnect: {
    type: 'boolean',
    describe: 'connect again when the connection is lost; --no-reconnect: never',
    group: GROUP,
  },
  'reconnect-max': {
    type: 'string',
    value: 'COUNT',
    coerce: parseCount,
    defaultDescription: 'no limit',
    describe: 'how many attempts in a row',
    group: GROUP,
  },
} as const satisfies OptionTable;

/** Reads the options. @param isLong whether the run is one that reconnects unasked. */
export function reconnectPolicy(
  options: OptionsOf<typeof RECONNECT_OPTIONS>,
  isLong: boolean,
): ReconnectPolicy {
  return {
    waitsForServer: options.waitForBroker === true,
    reconnects: options.reconnect ?? isLong,
    attemptsMax: options.reconnectMax ?? Number.POSITIVE_INFINITY,
  };
}

import { Buffer } from 'node:buffer';
import { type BrokerSwitches, DEFAULT_SWITCHES } from '../broker/broker-switches.ts';
import { VERSION_NAMES } from '../broker/connection-end.ts';
import { isReservedTopic } from '../broker/reserved-topic.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { camelCase } from './option-table.ts';
import { unusableValue } from './option-values.ts';

/** Enough for any name, and far from the longest client id. */
const PREFIX_BYTES_MAX = 200;
const LEVELS: readonly ProtocolLevel[] = [3, 4, 5];

/** What `mqttk broker` does where the standard leaves it a choice, each with its option. */
export const SWITCH_OPTIONS = {
  'queue-qos0': {
    type: 'boolean',
    group: 'Limits',
    describe: 'keep QoS 0 messages too for sessions whose clients are away',
    field: 'queuesQos0',
  },
  protocols: {
    type: 'string',
    value: 'LIST',
    defaultDescription: renderLevels(DEFAULT_SWITCHES.protocolLevels),
    coerce: parseLevels,
    describe: 'the versions that clients may speak, with commas between them',
    field: 'protocolLevels',
  },
  'empty-client-id': {
    type: 'boolean',
    default: DEFAULT_SWITCHES.assignsClientIds,
    describe: 'give clients without a client id one; --no-empty-client-id refuses them',
    field: 'assignsClientIds',
  },
  'auto-id-prefix': {
    type: 'string',
    value: 'TEXT',
    default: DEFAULT_SWITCHES.autoIdPrefix,
    coerce: parsePrefix,
    describe: 'how such ids begin; 22 random characters follow',
    field: 'autoIdPrefix',
  },
  'shared-v3': {
    type: 'boolean',
    default: DEFAULT_SWITCHES.sharesBefore5,
    describe: 'share $share/NAME/FILTER of 3.x clients too; --no-shared-v3 takes it as a filter',
    field: 'sharesBefore5',
  },
  utf8: {
    type: 'string',
    value: 'RULE',
    choices: ['strict', 'spec'],
    default: DEFAULT_SWITCHES.textRule,
    describe:
      'strict refuses control characters and the like in topics, filters, client ids and user ' +
      'names, which some clients refuse to receive; spec takes all that the standard allows',
    field: 'textRule',
  },
  'response-information': {
    type: 'string',
    value: 'TEXT',
    coerce: parseResponseInformation,
    describe:
      'where clients of 5.0 that ask may have responses sent; reply/%c: below a topic of their own',
    field: 'responseInformation',
  },
  'log-connections': {
    type: 'boolean',
    default: DEFAULT_SWITCHES.logsConnections,
    describe: 'log clients that come and say goodbye; --no-log-connections leaves that to -v',
    field: 'logsConnections',
  },
  'log-subscriptions': {
    type: 'boolean',
    describe: 'log what clients subscribe to, and no longer do',
    field: 'logsSubscriptions',
  },
} as const;

/** What was given of the options, as the broker takes it. */
export function switchesFrom(options: {
  readonly [option: string]: unknown;
}): Partial<BrokerSwitches> {
  const given = Object.entries(SWITCH_OPTIONS).flatMap(([option, { field }]) => {
    const value = options[camelCase(option)];
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(given);
}

function renderLevels(levels: readonly ProtocolLevel[]): string {
  return levels.map((level) => VERSION_NAMES[level]).join(',');
}

function parseLevels(text: string, option: string): readonly ProtocolLevel[] {
  const names = text.split(',');
  const levels = LEVELS.filter((level) => names.includes(VERSION_NAMES[level]));
  if (levels.length === new Set(names).size) return levels;
  throw unusableValue(option, text, `name some of ${renderLevels(LEVELS)}, with commas between`);
}

/** Clients make topics of it, so it has to be the beginning of one. */
function parseResponseInformation(text: string, option: string): string {
  const topicName = parseTopicName(text, option);
  if (!isReservedTopic(topicName)) return topicName;
  throw unusableValue(option, text, 'name topics that clients may publish to: reply/%c');
}

function parsePrefix(text: string, option: string): string {
  const isUsable = text.isWellFormed() && !/\p{Cc}/u.test(text);
  if (isUsable && Buffer.byteLength(text) <= PREFIX_BYTES_MAX) return text;
  const remedy = `give at most ${PREFIX_BYTES_MAX} bytes, without control characters`;
  throw unusableValue(option, text, remedy);
}

import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { type BenchSettings, MATCH_KINDS, type Scenario } from '../bench/bench-settings.ts';
import { STAMP_BYTES } from '../bench/publish-strip.ts';
import { PACKET_BYTES_MAX } from '../codec/packet-writer.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { findNearestName } from './nearest-name.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import {
  parseCount,
  parseDurationMs,
  parseQos,
  parseSizeBytes,
  unusableValue,
  wholeNumber,
} from './option-values.ts';
import { TRANSPORT_OPTIONS } from './transport-options.ts';

const GROUP = 'Load';
const CLIENTS_MAX = 1_000_000;
const TOPICS_MAX = 100_000_000;
const FILTERS_MAX = 10_000_000;
const RATE_MAX = 100_000_000;
const WINDOW_MAX = 65_535;
/** What no run needs more of: a counter for each publisher with each subscriber. */
const FLOWS_MAX = 2 ** 24;
/** All publishers hold a packet each, ready to be sent. */
const FRAMES_BYTES_MAX = 2 ** 30;
/** Topic, lengths and packet id stand before a payload. */
const HEAD_BYTES_MAX = 2 ** 17;
const PREFIX_BYTES_MAX = 1000;

const { username, pw, keepalive, 'protocol-version': protocolVersion } = CLIENT_OPTIONS;

/** What is sent, by how many, and for how long. */
export const LOAD_OPTIONS = {
  clients: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, CLIENTS_MAX),
    defaultDescription: '10 pairs, 1000 connections',
    describe: 'how many pairs, or connections',
    group: GROUP,
  },
  publishers: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, CLIENTS_MAX),
    defaultDescription: 'fan-in and shared 4, fan-out 1, latency 10',
    describe: 'how many clients publish',
    group: GROUP,
  },
  subscribers: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, CLIENTS_MAX),
    defaultDescription: 'fan-in, latency and retained 1, fan-out 100, shared 4',
    describe: 'how many clients subscribe',
    group: GROUP,
  },
  topics: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, TOPICS_MAX),
    defaultDescription: '1; retained 10000; match a third of the filters',
    describe: 'topics of each publisher, in turn; retained: how many messages',
    group: GROUP,
  },
  filters: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(MATCH_KINDS, FILTERS_MAX),
    defaultDescription: '30000',
    describe: 'match: of all; one third exact, one with +, one with #',
    group: GROUP,
  },
  topic: {
    type: 'string',
    alias: 't',
    value: 'PREFIX',
    coerce: parsePrefix,
    defaultDescription: 'mqttk-bench',
    describe: 'what all topics begin with; a level of random characters follows',
    group: GROUP,
  },
  rate: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, RATE_MAX),
    defaultDescription: 'as fast as it goes; latency 1000',
    describe: 'messages a second in all, or connections, by a schedule that waits for nobody',
    group: GROUP,
  },
  max: { type: 'boolean', describe: 'as fast as it goes', group: GROUP },
  size: {
    type: 'string',
    value: 'SIZE',
    coerce: parsePayloadSize,
    defaultDescription: '100',
    describe: `bytes of a payload, ${STAMP_BYTES} at least`,
    group: GROUP,
  },
  qos: {
    type: 'string',
    alias: 'q',
    value: 'QOS',
    coerce: parseQos,
    defaultDescription: '0',
    describe: '0, 1 or 2, for publishing and subscribing',
    group: GROUP,
  },
  window: {
    type: 'string',
    value: 'N',
    coerce: wholeNumber(1, WINDOW_MAX),
    defaultDescription: '100, or what the broker allows',
    describe: 'QoS 1 and 2: messages of one publisher that wait for an ack',
    group: GROUP,
  },
  ahead: {
    type: 'string',
    value: 'N',
    coerce: parseCount,
    defaultDescription: '10000',
    describe: 'messages published and not delivered, in all, where there is no rate',
    group: GROUP,
  },
  duration: {
    type: 'string',
    value: 'DURATION',
    coerce: parseSomeTimeMs,
    defaultDescription: '4s; connections 2s',
    describe: 'how long to measure; connections: how long to hold them',
    group: GROUP,
  },
  count: {
    type: 'string',
    value: 'N',
    coerce: parseCount,
    describe: 'measure so many messages instead, and end when all have come',
    group: GROUP,
  },
  warmup: {
    type: 'string',
    value: 'DURATION',
    coerce: parseDurationMs,
    defaultDescription: '1s; with --count 0',
    describe: 'how long to run before measuring',
    group: GROUP,
  },
} as const satisfies OptionTable;

/** How to get to the broker: as `pub` does, but for what belongs to a single client. */
export const BENCH_CONNECTION_OPTIONS = {
  ...TRANSPORT_OPTIONS,
  username,
  pw,
  keepalive,
  'protocol-version': protocolVersion,
} as const satisfies OptionTable;

type LoadOptions = OptionsOf<typeof LOAD_OPTIONS>;
type LoadName = keyof LoadOptions;

interface ScenarioRow {
  /** The options that mean something. */
  readonly takes: readonly LoadName[];
  readonly defaults: {
    readonly publishers: number;
    readonly subscribers: number;
    readonly rate?: number;
    readonly topics?: number;
    readonly filters?: number;
    readonly durationMs?: number;
  };
}

const FLOW = ['topics', 'topic', 'size', 'qos', 'window', 'duration', 'count', 'warmup'] as const;
const CROWD = [...FLOW, 'publishers', 'subscribers', 'rate', 'max', 'ahead'] as const;
const CONNECTIONS_HELD_MS = 2000;

const SCENARIOS: Readonly<Record<Scenario, ScenarioRow>> = {
  'fan-in': { takes: CROWD, defaults: { publishers: 4, subscribers: 1 } },
  'fan-out': { takes: CROWD, defaults: { publishers: 1, subscribers: 100 } },
  pairs: {
    takes: [...FLOW, 'clients', 'rate', 'max', 'ahead'],
    defaults: { publishers: 10, subscribers: 10 },
  },
  shared: { takes: CROWD, defaults: { publishers: 4, subscribers: 4 } },
  latency: {
    takes: [...FLOW, 'publishers', 'subscribers', 'rate'],
    defaults: { publishers: 10, subscribers: 1, rate: 1000 },
  },
  match: {
    takes: [...FLOW, 'filters', 'rate', 'max', 'ahead'],
    defaults: { publishers: 1, subscribers: MATCH_KINDS, filters: 30_000 },
  },
  retained: {
    takes: ['subscribers', 'topics', 'topic', 'size', 'qos', 'window', 'duration', 'warmup'],
    defaults: { publishers: 1, subscribers: 1, topics: 10_000 },
  },
  connections: {
    takes: ['clients', 'rate', 'max', 'duration'],
    defaults: { publishers: 0, subscribers: 1000, durationMs: CONNECTIONS_HELD_MS },
  },
};

const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly Scenario[];

/**
 * Reads what is to be done.
 *
 * @throws CallerError usage for what makes no sense: nothing is connected yet.
 */
export function benchSettings(word: string | undefined, options: LoadOptions): BenchSettings {
  const scenario = findScenario(word);
  const { defaults, takes } = SCENARIOS[scenario];
  requireMeaning(scenario, takes, options);
  requireAgreement(options);
  const filters = options.filters ?? defaults.filters ?? 0;
  const pace = { rate: options.rate ?? defaults.rate, count: options.count };
  const settings: BenchSettings = {
    scenario,
    publishers:
      options.publishers ??
      (scenario === 'pairs' ? options.clients : undefined) ??
      defaults.publishers,
    subscribers: options.subscribers ?? options.clients ?? defaults.subscribers,
    topics: options.topics ?? defaults.topics ?? Math.max(1, Math.floor(filters / MATCH_KINDS)),
    filters,
    payloadBytes: options.size ?? 100,
    qos: options.qos ?? 0,
    window: options.window ?? 100,
    ahead: options.ahead ?? 10_000,
    ...pace,
    durationMs: options.duration ?? defaults.durationMs ?? 4000,
    warmupMs: options.warmup ?? (options.count === undefined ? 1000 : 0),
  };
  requireFit(settings);
  return settings;
}

function findScenario(word: string | undefined): Scenario {
  const scenario = SCENARIO_NAMES.find((name) => name === word);
  if (scenario !== undefined) return scenario;
  const all = `choose one of: ${SCENARIO_NAMES.join(', ')}`;
  if (word === undefined) throw new CallerError('usage', 'no scenario', { remedy: all });
  const nearest = findNearestName(word, SCENARIO_NAMES);
  throw new CallerError('usage', `unknown scenario ${JSON.stringify(word)}`, {
    remedy: nearest === undefined ? all : `did you mean ${nearest}?`,
  });
}

function requireMeaning(
  scenario: Scenario,
  takes: readonly LoadName[],
  options: LoadOptions,
): void {
  for (const name of Object.keys(LOAD_OPTIONS) as LoadName[]) {
    if (options[name] === undefined || takes.includes(name)) continue;
    const known = takes.map((each) => `--${each}`).join(' ');
    throw new CallerError('usage', `--${name} means nothing in ${scenario}`, {
      remedy: `leave it out; ${scenario} takes ${known}`,
    });
  }
}

function requireAgreement({ ahead, count, duration, max, qos, rate, window }: LoadOptions): void {
  const pairs = [
    { names: '--rate and --max', isBoth: rate !== undefined && max === true },
    { names: '--rate and --ahead', isBoth: rate !== undefined && ahead !== undefined },
    { names: '--count and --duration', isBoth: count !== undefined && duration !== undefined },
  ];
  const clash = pairs.find(({ isBoth }) => isBoth);
  if (clash !== undefined) {
    const what = `${clash.names} exclude each other`;
    throw new CallerError('usage', what, { remedy: 'leave one of them out' });
  }
  if (window === undefined || (qos ?? 0) > 0) return;
  throw new CallerError('usage', '--window means nothing at QoS 0', {
    why: 'nothing is acknowledged there',
    remedy: 'give -q 1 or -q 2, or --ahead instead',
  });
}

/** What nobody would subscribe to, and what would take more memory than it can be worth. */
function requireFit(settings: BenchSettings): void {
  const { filters, payloadBytes, publishers, scenario, subscribers, topics } = settings;
  if (scenario === 'match' && topics * MATCH_KINDS > filters) {
    throw new CallerError('usage', `${topics} topics for ${filters} filters`, {
      why: 'each topic is matched by three of them',
      remedy: `give --filters ${topics * MATCH_KINDS}, or fewer --topics`,
    });
  }
  if (publishers * payloadBytes > FRAMES_BYTES_MAX) {
    throw new CallerError('usage', `${publishers} publishers with ${payloadBytes} bytes each`, {
      why: 'more than 1 GiB of payloads would be held in memory',
      remedy: 'give fewer publishers, or a smaller --size',
    });
  }
  if (scenario === 'pairs' || publishers * subscribers <= FLOWS_MAX) return;
  throw new CallerError('usage', `${publishers} publishers for ${subscribers} subscribers`, {
    why: `each of them with each makes more than ${FLOWS_MAX}`,
    remedy: 'give fewer of them',
  });
}

function parsePrefix(text: string): string {
  const prefix = parseTopicName(text);
  if (Buffer.byteLength(prefix) <= PREFIX_BYTES_MAX && !prefix.startsWith('$')) return prefix;
  throw unusableValue(
    '--topic',
    text.slice(0, 80),
    'give a short topic that does not begin with $',
  );
}

function parsePayloadSize(text: string, option: string): number {
  const bytes = parseSizeBytes(text, option);
  if (bytes >= STAMP_BYTES && bytes <= PACKET_BYTES_MAX - HEAD_BYTES_MAX) return bytes;
  throw new CallerError('usage', `${option} cannot be ${text}`, {
    why: `a payload bears ${STAMP_BYTES} bytes: publisher, sequence and time`,
    remedy: `give ${STAMP_BYTES} to 255MiB`,
  });
}

function parseSomeTimeMs(text: string, option: string): number {
  const ms = parseDurationMs(text, option);
  if (ms > 0) return ms;
  throw unusableValue(option, text, 'give some time: 4s, say');
}

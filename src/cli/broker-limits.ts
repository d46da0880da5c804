import {
  BROKER_BOUNDS,
  BROKER_CHOICES,
  type BrokerConfig,
  type BrokerLimits,
  EXPIRY_NEVER,
} from '../broker/broker-config.ts';
import { camelCase } from './option-table.ts';
import {
  parseDurationMs,
  parseSizeBytes,
  unusableValue,
  type ValueParser,
  wholeNumber,
  wholeSeconds,
} from './option-values.ts';
import type { Platform } from './platform.ts';

type Field = keyof BrokerLimits;
type Kind = 'count' | 'size' | 'time' | 'expiry';

const MS_PER_SECOND = 1000;
/** With less a broker would refuse ordinary work. */
const MEMORY_BYTES_MIN = 128 * 2 ** 20;
const UNITS_BYTES = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
] as const;
const UNITS_MS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** An option for one limit of the broker, with the bounds and the default of its table. */
function limit(field: Field, kind: Kind, describe: string) {
  const value = { count: 'N', size: 'SIZE', time: 'TIME', expiry: 'TIME' }[kind];
  return {
    type: 'string',
    value,
    describe,
    group: 'Limits',
    defaultDescription: renderValue(BROKER_BOUNDS[field].default, kind),
    coerce: parserOf(field, kind),
    field,
  } as const;
}

/** An option for what is one of several words. */
function choice(field: keyof typeof BROKER_CHOICES, value: string, describe: string) {
  const choices = BROKER_CHOICES[field];
  const [first] = choices;
  const group = 'Limits';
  return {
    type: 'string',
    value,
    describe,
    group,
    choices,
    defaultDescription: first,
    field,
  } as const;
}

/** The limits of `mqttk broker`, each with the option that sets it. */
export const LIMIT_OPTIONS = {
  'max-packet-size': limit('packetBytesMax', 'size', 'largest packet, announced to clients'),
  'max-payload': limit(
    'payloadBytesMax',
    'size',
    'largest payload; a larger one is refused, or dropped where no answer can say so; 0: any',
  ),
  'max-connect-size': limit(
    'connectBytesMax',
    'size',
    'largest CONNECT: all that is held for a client before it is accepted',
  ),
  'connect-timeout': limit('connectTimeoutMs', 'time', 'from the connection to its CONNECT'),
  'max-connections': limit('connectionsMax', 'count', 'clients connected at a time'),
  'max-connections-per-ip': limit(
    'connectionsPerAddressMax',
    'count',
    'clients of one address (IPv6: of one /64); 0: any number',
  ),
  'connect-rate': limit(
    'connectsPerSecond',
    'count',
    'connections in a second, after a burst of as many; the others wait; 0: any number',
  ),
  'max-pending': limit('pendingMax', 'count', 'connections that have not been accepted yet'),
  'receive-maximum': limit(
    'receiveMaximum',
    'count',
    'unfinished QoS 1 and 2 messages from one client, announced to clients',
  ),
  'max-inflight': limit(
    'inflightMax',
    'count',
    'unfinished QoS 1 and 2 messages towards one client, within its own Receive Maximum',
  ),
  'max-queue-messages': limit(
    'queueMessagesMax',
    'count',
    'messages that wait for one client beyond those in flight; 0: bytes only',
  ),
  'max-queue-bytes': limit('queueBytesMax', 'size', 'bytes that wait for one client'),
  'queue-full': choice('whenQueueFull', 'WHAT', 'what goes when that is too much'),
  'max-sessions': limit('sessionsMax', 'count', 'sessions, connected or kept'),
  'max-session-expiry': limit(
    'sessionExpirySecondsMax',
    'expiry',
    'how long a session outlives its connection at most, or "never" to keep it for ever',
  ),
  'max-subscriptions': limit('subscriptionsMax', 'count', 'subscriptions of one client'),
  'max-topic-levels': limit('topicSlashesMax', 'count', 'how many "/" a topic or filter may have'),
  'max-topic-bytes': limit('topicBytesMax', 'count', 'how many bytes a topic or filter may have'),
  'publish-rate': limit(
    'publishesPerSecond',
    'count',
    'messages in a second that one client may publish, after a burst of two seconds; 0: any number',
  ),
  'publish-bytes-rate': limit(
    'publishBytesPerSecond',
    'size',
    'bytes in a second that one client may publish, in the same way',
  ),
  'rate-action': choice(
    'rateAction',
    'ACTION',
    'what happens to who publishes faster: not read for a while, or disconnected',
  ),
  'max-qos': limit('maximumQos', 'count', 'highest QoS for publishing, announced to clients'),
  'max-keep-alive': limit(
    'keepAliveSecondsMax',
    'count',
    'longest keep alive in seconds: clients of 5.0 are told, older ones refused; 0: their own',
  ),
  'topic-alias-out': limit(
    'topicAliasesOutMax',
    'count',
    'topic aliases that the broker sets, within what a client takes',
  ),
  'topic-alias-max': limit(
    'topicAliasMaximum',
    'count',
    'topic aliases that one client may set, announced to clients',
  ),
  'max-retained': limit('retainedMessagesMax', 'count', 'retained messages'),
  'max-retained-bytes': limit(
    'retainedBytesMax',
    'size',
    'topics and payloads of them, beyond which no new topic is retained',
  ),
  'retained-sweep': limit(
    'retainedSweepMs',
    'time',
    'how often retained messages that have expired are looked for, and forgotten',
  ),
  'max-memory': {
    ...limit(
      'memoryBytesMax',
      'size',
      'all that is held for clients; less and less is kept near it',
    ),
    defaultDescription:
      'half of the memory there is, at most 3/4 of the heap of Node.js, at least 128MiB',
  },
  'write-buffer': limit(
    'writeBufferBytes',
    'size',
    'unsent bytes from which on a client counts as slow',
  ),
  'slow-grace': limit(
    'slowGraceMs',
    'time',
    'how long the publishers of a slow client are held up at most, once per episode',
  ),
  'write-timeout': limit(
    'writeTimeoutMs',
    'time',
    'a client that takes nothing for so long, while something waits, is disconnected',
  ),
} as const;

/** What was given of the options, as the broker takes it. */
export function limitsFrom(options: { readonly [option: string]: unknown }): Partial<BrokerConfig> {
  const given = Object.entries(LIMIT_OPTIONS).flatMap(([option, { field }]) => {
    const value = options[camelCase(option)];
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(given) as Partial<BrokerConfig>;
}

/**
 * What the broker may use of a machine, or a container: a quarter of the heap stays free even where
 * what is held are objects alone.
 */
export function defaultMemoryBytes({
  heapBytesMax,
  memoryBytes,
}: Pick<Platform, 'heapBytesMax' | 'memoryBytes'>): number {
  const bytes = Math.min(memoryBytes / 2, (heapBytesMax / 4) * 3);
  return Math.max(Math.floor(bytes), MEMORY_BYTES_MIN);
}

/** A size as a person reads it, about: `3.8 GiB`. */
export function roundSize(bytes: number): string {
  const [size, name] = UNITS_BYTES.find(([unit]) => bytes >= unit) ?? [1024, 'KiB'];
  return `${(bytes / size).toFixed(1)} ${name}`;
}

/** A size as a person writes it: `16MiB`. */
export function renderSize(bytes: number): string {
  return inUnits(bytes, UNITS_BYTES) ?? String(bytes);
}

function parserOf(field: Field, kind: Kind): ValueParser<number> {
  const { max, min } = BROKER_BOUNDS[field];
  if (kind === 'count') return wholeNumber(min, max);
  return (text, option) => {
    const value = kind === 'size' ? parseSizeBytes(text, option) : parseTime(kind, text, option);
    if (value >= min && value <= max) return value;
    const remedy = `give ${renderValue(min, kind)} to ${renderValue(max, kind)}`;
    throw unusableValue(option, text, remedy);
  };
}

function parseTime(kind: 'time' | 'expiry', text: string, option: string): number {
  if (kind === 'time') return parseDurationMs(text, option);
  return text === 'never' ? EXPIRY_NEVER : wholeSeconds(EXPIRY_NEVER - 1, 'never')(text, option);
}

function renderValue(value: number, kind: Kind): string {
  if (kind === 'count') return String(value);
  if (kind === 'size') return renderSize(value);
  if (kind === 'expiry' && value === EXPIRY_NEVER) return 'never';
  const ms = kind === 'expiry' ? value * MS_PER_SECOND : value;
  return inUnits(ms, UNITS_MS) ?? `${ms}ms`;
}

/** In the largest unit that gives a whole number; undefined if none does, or there is nothing. */
function inUnits(
  value: number,
  units: readonly (readonly [size: number, name: string])[],
): string | undefined {
  const unit = units.find(([size]) => value > 0 && value % size === 0);
  return unit && `${value / unit[0]}${unit[1]}`;
}

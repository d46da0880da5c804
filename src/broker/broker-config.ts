import { CallerError } from '../base/caller-error.ts';
import { type BrokerSwitches, DEFAULT_SWITCHES } from './broker-switches.ts';

/** What a broker may use, and how it goes about it. */
export type BrokerConfig = BrokerLimits & BrokerChoices & BrokerSwitches;

/** Sizes are in bytes, times in the unit that ends the name. */
export interface BrokerLimits {
  /** Largest packet taken, fixed header included; announced to clients. */
  readonly packetBytesMax: number;
  /** Largest CONNECT, and the most that is held for a client before it is accepted. */
  readonly connectBytesMax: number;
  /** From the connection to the answer to its CONNECT. */
  readonly connectTimeoutMs: number;
  /** Clients connected at a time. */
  readonly connectionsMax: number;
  /** Those of one address, or of one /64 of IPv6; 0 is any number. */
  readonly connectionsPerAddressMax: number;
  /** Connections that are read for the first time in a second; 0 is any number. */
  readonly connectsPerSecond: number;
  /** Connections whose CONNECT has not been accepted yet. */
  readonly pendingMax: number;
  /** Unfinished QoS 1 and 2 messages from one client. */
  readonly receiveMaximum: number;
  /** Unfinished QoS 1 and 2 messages towards one client, within its own Receive Maximum. */
  readonly inflightMax: number;
  /** Messages that wait for one client beyond those; 0 leaves the bound to the bytes. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Sessions kept, connected or not. */
  readonly sessionsMax: number;
  /** Longest time that a session outlives its connection; 0xFFFFFFFF is for ever. */
  readonly sessionExpirySecondsMax: number;
  /** Subscriptions of one session. */
  readonly subscriptionsMax: number;
  /** How many `/` a topic or filter may have. */
  readonly topicSlashesMax: number;
  /** Bytes of a topic or filter in UTF-8. */
  readonly topicBytesMax: number;
  /** Largest payload of a message; 0 leaves the bound to the packet. */
  readonly payloadBytesMax: number;
  /** Messages that one client may publish in a second; 0 is any number. */
  readonly publishesPerSecond: number;
  /** Bytes of the packets of these. */
  readonly publishBytesPerSecond: number;
  /** Highest QoS at which clients may publish; announced to clients. */
  readonly maximumQos: number;
  /** 1 if messages may be retained, else 0; announced to clients. */
  readonly retainAvailable: number;
  /** 1 if a payload that is said to be UTF-8 is checked to be that, else 0. */
  readonly payloadFormatChecked: number;
  /** Longest Keep Alive; 0 lets each client choose its own. */
  readonly keepAliveSecondsMax: number;
  /** Topic aliases that the broker sets, within what a client takes. */
  readonly topicAliasesOutMax: number;
  /** Topic aliases that one client may set; announced to clients. */
  readonly topicAliasMaximum: number;
  readonly retainedMessagesMax: number;
  /** Topics and payloads of all retained messages. */
  readonly retainedBytesMax: number;
  /** How often retained messages that have expired are looked for. */
  readonly retainedSweepMs: number;
  /** All that is held for clients: what does not fit is refused step by step. */
  readonly memoryBytesMax: number;
  /** Unsent bytes from which on a client counts as slow. */
  readonly writeBufferBytes: number;
  /** How long the publishers of a slow client are held up at most, once per episode. */
  readonly slowGraceMs: number;
  /** A client that takes no byte for so long, while some wait, is disconnected. */
  readonly writeTimeoutMs: number;
}

/** What is one of several words, the default first. */
export const BROKER_CHOICES = {
  /** What happens to a client that publishes faster than it may. */
  rateAction: ['pause', 'disconnect'],
  /** What goes when the queue of a session is full: the oldest message, or the one that came. */
  whenQueueFull: ['drop-old', 'drop-new'],
} as const;

type BrokerChoices = {
  readonly [C in keyof typeof BROKER_CHOICES]: (typeof BROKER_CHOICES)[C][number];
};

interface Bound {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

const MIB = 1_048_576;
const THIRTY_DAYS_SECONDS = 2_592_000;
/** Where a session never expires (section 3.1.2.11.2). */
export const EXPIRY_NEVER = 0xffff_ffff;

/** Every limit with its bounds and default: options, checks and the README draw on this table. */
export const BROKER_BOUNDS: { readonly [F in keyof BrokerLimits]: Bound } = {
  packetBytesMax: { min: 16, max: 268_435_455, default: 16 * MIB },
  connectBytesMax: { min: 1_000, max: 524_288, default: 100_000 },
  connectTimeoutMs: { min: 1_000, max: 300_000, default: 15_000 },
  connectionsMax: { min: 1, max: 1_000_000, default: 10_000 },
  connectionsPerAddressMax: { min: 0, max: 1_000_000, default: 0 },
  connectsPerSecond: { min: 0, max: 1_000_000, default: 1_000 },
  pendingMax: { min: 1, max: 1_000_000, default: 512 },
  receiveMaximum: { min: 1, max: 65_535, default: 1_024 },
  inflightMax: { min: 1, max: 65_535, default: 256 },
  queueMessagesMax: { min: 0, max: 1_000_000_000, default: 10_000 },
  queueBytesMax: { min: 0, max: 2 ** 40, default: 16 * MIB },
  sessionsMax: { min: 1, max: 100_000_000, default: 100_000 },
  sessionExpirySecondsMax: { min: 0, max: EXPIRY_NEVER, default: THIRTY_DAYS_SECONDS },
  subscriptionsMax: { min: 1, max: 100_000_000, default: 10_000 },
  topicSlashesMax: { min: 0, max: 65_535, default: 200 },
  topicBytesMax: { min: 1, max: 65_535, default: 65_535 },
  payloadBytesMax: { min: 0, max: 268_435_455, default: 0 },
  publishesPerSecond: { min: 0, max: 1_000_000_000, default: 0 },
  publishBytesPerSecond: { min: 0, max: 2 ** 40, default: 0 },
  maximumQos: { min: 0, max: 2, default: 2 },
  retainAvailable: { min: 0, max: 1, default: 1 },
  payloadFormatChecked: { min: 0, max: 1, default: 0 },
  keepAliveSecondsMax: { min: 0, max: 65_535, default: 0 },
  topicAliasesOutMax: { min: 0, max: 65_535, default: 32 },
  topicAliasMaximum: { min: 0, max: 65_535, default: 32 },
  retainedMessagesMax: { min: 0, max: 1_000_000_000, default: 1_000_000 },
  retainedBytesMax: { min: 0, max: 2 ** 40, default: 256 * MIB },
  retainedSweepMs: { min: 1_000, max: 86_400_000, default: 60_000 },
  memoryBytesMax: { min: MIB, max: 2 ** 44, default: 2 ** 30 },
  writeBufferBytes: { min: 1_024, max: 2 ** 30, default: MIB },
  slowGraceMs: { min: 0, max: 60_000, default: 500 },
  writeTimeoutMs: { min: 1_000, max: 3_600_000, default: 60_000 },
};

const FIELDS = Object.keys(BROKER_BOUNDS) as (keyof BrokerLimits)[];

/** Fills the gaps with defaults. @throws CallerError naming every field that is out of bounds. */
export function brokerConfig(given: Partial<BrokerConfig> = {}): BrokerConfig {
  const config = { ...defaults(), ...given };
  const faults = FIELDS.flatMap((field) => {
    const { max, min } = BROKER_BOUNDS[field];
    const value = config[field];
    const fits = Number.isInteger(value) && value >= min && value <= max;
    return fits ? [] : [`${field} is ${value}, not a whole number in ${min}..${max}`];
  });
  if (faults.length === 0) return config;
  throw new CallerError('usage', faults.join('; '), { remedy: 'correct these limits' });
}

function defaults(): BrokerConfig {
  const limits = FIELDS.map((field) => [field, BROKER_BOUNDS[field].default]);
  const choices = Object.entries(BROKER_CHOICES).map(([choice, [first]]) => [choice, first]);
  const table = Object.fromEntries([...limits, ...choices]);
  return { ...table, ...DEFAULT_SWITCHES } as unknown as BrokerConfig;
}

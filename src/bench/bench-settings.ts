import type { QoS } from '../codec/packet.ts';

export type Scenario =
  | 'fan-in'
  | 'fan-out'
  | 'pairs'
  | 'shared'
  | 'latency'
  | 'match'
  | 'retained'
  | 'connections';

/** Exact filters, filters with `+` and filters with `#`: a subscriber for each kind. */
export const MATCH_KINDS = 3;

/** What a run is to do. Every field has a value in every scenario, be it one that says nothing. */
export interface BenchSettings {
  readonly scenario: Scenario;
  readonly publishers: number;
  /** In `connections`, all clients. */
  readonly subscribers: number;
  /** Of each publisher; in `retained`, messages. */
  readonly topics: number;
  /** In `match`, of all subscribers together; three at least for each topic. */
  readonly filters: number;
  readonly payloadBytes: number;
  readonly qos: QoS;
  /** Messages of one publisher that wait for an ack, at QoS 1 and 2. */
  readonly window: number;
  /** Messages sent and not delivered, where there is no rate. */
  readonly ahead: number;
  /** Messages a second, or connections; undefined: as many as go. */
  readonly rate: number | undefined;
  /** Messages in all; undefined: as many as the duration brings. */
  readonly count: number | undefined;
  readonly durationMs: number;
  readonly warmupMs: number;
}

/**
 * Whether messages follow a schedule: this side then waits for each moment awake, and the load
 * that this makes tells nothing.
 */
export function isScheduled({ rate, scenario }: Pick<BenchSettings, 'rate' | 'scenario'>): boolean {
  return rate !== undefined && scenario !== 'connections';
}

/** Publishers and subscribers of a run by their topics. */
export interface TopicPlan {
  /** How many deliveries one message makes. */
  readonly fan: number;
  /** What publisher `index` publishes to; with several topics, their number follows. */
  topicOf(index: number): string;
  /** What subscriber `index` subscribes to. */
  filtersOf(index: number): readonly string[];
}

/** Lays out topics and filters below `prefix`. */
export function topicPlan(settings: BenchSettings, prefix: string): TopicPlan {
  const { scenario, subscribers, topics } = settings;
  const all = `${prefix}/#`;
  const tail = topics > 1 ? '/' : '';
  const topicOf = (index: number) => `${prefix}/${index}${tail}`;
  switch (scenario) {
    case 'pairs':
      return { fan: 1, topicOf, filtersOf: (index) => [`${prefix}/${index}/#`] };
    case 'shared':
      return { fan: 1, topicOf, filtersOf: () => [`$share/bench/${all}`] };
    case 'match':
      return {
        fan: subscribers,
        topicOf,
        filtersOf: (index) => manyFilters(settings, prefix, index),
      };
    default:
      return { fan: subscribers, topicOf, filtersOf: () => [all] };
  }
}

/**
 * A third of all filters: exact ones, ones with `+` or ones with `#`, so that each topic is matched
 * by one of each kind. Those behind the topics match nothing.
 */
function manyFilters(
  { filters, topics }: BenchSettings,
  prefix: string,
  index: number,
): readonly string[] {
  const digits = String(topics - 1).length;
  return Array.from({ length: Math.floor(filters / MATCH_KINDS) }, (_, topic) => {
    const tail = topics > 1 ? `/${String(topic).padStart(digits, '0')}` : `${topic || ''}`;
    if (index === 0) return `${prefix}/0${tail}`;
    return index === 1 ? `${prefix}/+${tail}` : `${prefix}/0${tail}/#`;
  });
}

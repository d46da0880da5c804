import type { BenchSettings } from './bench-settings.ts';
import type { Histogram } from './histogram.ts';

type Settings = Pick<BenchSettings, 'rate' | 'scenario'>;

interface FigureRow {
  /** What it tells, for the README. */
  readonly tells: string;
  /** Which way is better; without it, nothing is compared. */
  readonly better?: 'more' | 'less';
  /** When a worse one is a regression; without it, always. */
  readonly isJudged?: (settings: Settings) => boolean;
}

/** Without a rate latency tells how long the queues are, and they are as long as they may be. */
const withRate = ({ rate }: Settings) => rate !== undefined;
const inConnections = ({ scenario }: Settings) => scenario === 'connections';
const never = () => false;

/** Every figure of a run by its name in `--json`; one that was not measured is left out. */
export const FIGURES = {
  published: { tells: 'messages published, in the warm-up too' },
  delivered: { tells: 'messages delivered, each counted once per subscriber' },
  lost: { tells: 'messages that did not come' },
  duplicates: { tells: 'messages that came once more' },
  disordered: { tells: 'messages that came after a later one of the same publisher' },
  stray: { tells: 'messages and acks that nobody has asked for' },
  published_per_s: { tells: 'messages published per second', better: 'more', isJudged: never },
  delivered_per_s: { tells: 'messages delivered per second', better: 'more' },
  delivered_mb_per_s: { tells: 'payloads of them, in million bytes' },
  latency_p50_us: { tells: 'from due to delivered', better: 'less', isJudged: withRate },
  latency_p90_us: { tells: 'the same, of 90 %', better: 'less', isJudged: withRate },
  latency_p99_us: { tells: 'of 99 %', better: 'less', isJudged: withRate },
  latency_p999_us: { tells: 'of 99.9 %', better: 'less', isJudged: never },
  latency_max_us: { tells: 'of all', better: 'less', isJudged: never },
  lateness_p50_us: { tells: 'from due to sent, with a rate: how late this side was' },
  lateness_p90_us: { tells: 'the same, of 90 %' },
  lateness_p99_us: { tells: 'of 99 %' },
  lateness_p999_us: { tells: 'of 99.9 %' },
  lateness_max_us: { tells: 'of all' },
  burst_p50_us: { tells: 'from SUBSCRIBE to the last retained message', better: 'less' },
  burst_p90_us: { tells: 'the same, of 90 %', better: 'less', isJudged: never },
  burst_p99_us: { tells: 'of 99 %', better: 'less', isJudged: never },
  burst_p999_us: { tells: 'of 99.9 %', better: 'less', isJudged: never },
  burst_max_us: { tells: 'of all', better: 'less', isJudged: never },
  connections: { tells: 'connections of the run' },
  connections_per_s: {
    tells: 'connections accepted per second',
    better: 'more',
    isJudged: inConnections,
  },
  connect_p50_us: { tells: 'from dialling to CONNACK', better: 'less', isJudged: inConnections },
  connect_p90_us: { tells: 'the same, of 90 %', better: 'less', isJudged: inConnections },
  connect_p99_us: { tells: 'of 99 %', better: 'less', isJudged: inConnections },
  connect_p999_us: { tells: 'of 99.9 %', better: 'less', isJudged: never },
  connect_max_us: { tells: 'of all', better: 'less', isJudged: never },
  client_cpu: { tells: 'CPU of this side, 1 for a whole core' },
  client_loop: { tells: 'share of the time in which its event loop was busy' },
  broker_cpu: { tells: 'CPU of the broker, 1 for a whole core' },
  broker_cpu_s_per_million: {
    tells: 'its CPU seconds per million deliveries, or connections',
    better: 'less',
  },
  broker_rss_bytes: { tells: 'its memory at the end', better: 'less', isJudged: never },
  broker_rss_peak_bytes: { tells: 'the most that was seen', better: 'less', isJudged: never },
  broker_bytes_per_connection: {
    tells: 'its memory for each connection',
    better: 'less',
    isJudged: inConnections,
  },
} as const satisfies Record<string, FigureRow>;

export type FigureName = keyof typeof FIGURES;
export type Figures = { readonly [F in FigureName]?: number };

/** The row of a figure. */
export function figureRow(name: FigureName): FigureRow {
  return FIGURES[name];
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

export type TimeName = 'latency' | 'lateness' | 'burst' | 'connect';

/** The percentiles of a histogram of microseconds, as figures; none if it is empty. */
export function quantileFigures(name: TimeName, histogram: Histogram): Figures {
  if (histogram.count === 0) return {};
  const figures: { [F in FigureName]?: number } = { [`${name}_max_us`]: histogram.max };
  for (const [key, share] of QUANTILES) figures[`${name}_${key}_us`] = histogram.quantile(share);
  return figures;
}

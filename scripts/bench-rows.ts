import type { FigureName } from '../src/bench/figures.ts';

/** One line of the table. */
export interface BenchRow {
  readonly name: string;
  readonly title: string;
  readonly words: readonly string[];
  /** What is compared; deliveries per second where it is left out. */
  readonly figure?: FigureName;
  /** Whether each round is for brokers that have done nothing yet. */
  readonly isFresh?: boolean;
}

function row(name: string, title: string, line: string, figure?: FigureName): BenchRow {
  const words = line.includes(' -V ') ? line.split(' ') : [...line.split(' '), '-V', '311'];
  return figure === undefined ? { name, title, words } : { name, title, words, figure };
}

/** MQTT 3.1.1 where the version is not named, 100 bytes where the size is not. */
export const ROWS: readonly BenchRow[] = [
  row('fan-in-q0', 'fan-in, 4 to 1, QoS 0', 'fan-in'),
  row('fan-in-q1', 'fan-in, QoS 1, window 100', 'fan-in -q 1'),
  row('fan-in-q2', 'fan-in, QoS 2, window 100', 'fan-in -q 2'),
  row('fan-in-q1-v5', 'fan-in, QoS 1, MQTT 5', 'fan-in -q 1 -V 5'),
  row('fan-in-topics', 'fan-in, QoS 0, 4 x 1000 topics in turn', 'fan-in --topics 1000'),
  row('fan-in-1k', 'fan-in, QoS 0, 1 KiB', 'fan-in --size 1KiB'),
  row('fan-in-64k', 'fan-in, QoS 0, 64 KiB', 'fan-in --size 64KiB --ahead 64'),
  row('pairs-q0', '10 pairs, QoS 0', 'pairs --clients 10'),
  row('pairs-q1', '100 pairs, QoS 1, window 10', 'pairs --clients 100 -q 1 --window 10'),
  row('pairs-sparse', '200 pairs, QoS 1, window 1', 'pairs --clients 200 -q 1 --window 1'),
  row('fan-out-q0', 'fan-out to 100, QoS 0', 'fan-out'),
  row('fan-out-q1', 'fan-out to 100, QoS 1', 'fan-out -q 1'),
  row(
    'fan-out-sparse',
    'fan-out to 500, QoS 0, one message at a time',
    'fan-out --subscribers 500 --ahead 1',
  ),
  row('shared-q1', '`$share`, 4 to 4, QoS 1', 'shared -q 1'),
  row('match-cold', '100k filters, 33k topics in turn, 3 deliveries each', 'match --filters 99999'),
  row('match-hot', '100k filters, 100 topics in turn', 'match --filters 99999 --topics 100'),
  row('retained', '20,000 retained to a new subscriber', 'retained --topics 20000'),
  row(
    'latency',
    'latency p50 at 10,000 messages/s, in us',
    'latency --rate 10000',
    'latency_p50_us',
  ),
  {
    ...row(
      'connections',
      'memory of 10,000 idle connections, in bytes each',
      'connections --clients 10000 --duration 3s',
      'broker_bytes_per_connection',
    ),
    isFresh: true,
  },
];

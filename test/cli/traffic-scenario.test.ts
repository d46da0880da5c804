import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalBroker } from '../support/live-platform.ts';

let broker: LocalBroker;
beforeAll(async () => {
  broker = await LocalBroker.start();
});
afterAll(() => broker.stop());

/** Runs it with `--json`; what it printed. */
async function bench(...words: readonly string[]) {
  const platform = await broker.bench(...words, '--json');
  expect([platform.exitCode, platform.err]).toEqual([0, '']);
  return JSON.parse(platform.out);
}

const CLEAN = { lost: 0, duplicates: 0, disordered: 0, stray: 0 };

describe.each(['5', '311', '31'])('with -V %s', (version) => {
  it.each(['0', '1', '2'])('counts every message of each scenario at QoS %s', async (qos) => {
    const words = ['-V', version, '-q', qos, '--count', '60'];
    const few = ['--publishers', '3', '--subscribers', '2'];
    const fans = [
      ['fan-in', ...few],
      ['fan-out', ...few],
      ['latency', '--rate', '5000', ...few],
    ];
    for (const scenario of fans) {
      const { figures } = await bench(...scenario, ...words);
      expect(figures).toMatchObject({ ...CLEAN, published: 60, delivered: 120, connections: 5 });
      expect(figures.latency_max_us).toBeGreaterThan(0);
    }
    const { figures } = await bench('pairs', '--clients', '3', ...words);
    expect(figures).toMatchObject({ ...CLEAN, published: 60, delivered: 60, connections: 6 });
  });
});

it.each(['311', '5'])('counts what subscribers share, with -V %s', async (version) => {
  const few = ['--publishers', '2', '--subscribers', '3', '--count', '90'];
  const { figures } = await bench('shared', '-V', version, '-q', '1', ...few);
  expect(figures).toMatchObject({ ...CLEAN, published: 90, delivered: 90, connections: 5 });
});

it('takes topics in turn, and payloads larger than a read', async () => {
  const words = ['--count', '30', '--topics', '7', '--size', '200k', '--window', '3', '-q', '1'];
  const { figures } = await bench('fan-in', '--publishers', '2', ...words);
  expect(figures).toMatchObject({ ...CLEAN, published: 30, delivered: 30 });
  expect(figures.delivered_mb_per_s).toBeGreaterThan(0);
});

it('warms up, and measures for its time', async () => {
  const { figures, seconds, settings } = await bench(
    'fan-in',
    ...['--warmup', '50ms', '--duration', '100ms', '--ahead', '50'],
  );
  expect(settings).toMatchObject({ warmup_s: 0.05, duration_s: 0.1 });
  expect(seconds).toBeGreaterThanOrEqual(0.1);
  expect(figures).toMatchObject(CLEAN);
  // What was sent in the warm-up is counted, but is no part of the rate.
  expect(figures.delivered).toBeGreaterThan(figures.delivered_per_s * seconds);
});

it('keeps to a rate, and tells how late it was', async () => {
  const words = ['--rate', '1000', '--count', '200'];
  const { figures } = await bench('fan-in', '-q', '1', ...words);
  expect(figures.published_per_s).toBeLessThan(1010);
  expect(figures).toHaveProperty('lateness_p99_us');
});

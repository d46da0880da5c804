import type { BenchResult } from '../../src/bench/bench-result.ts';
import type { BenchSettings } from '../../src/bench/bench-settings.ts';
import type { Figures } from '../../src/bench/figures.ts';

/** What `mqttk bench fan-in` does, but for `over`. */
export function settingsOf(over: Partial<BenchSettings> = {}): BenchSettings {
  return {
    scenario: 'fan-in',
    publishers: 4,
    subscribers: 1,
    topics: 1,
    filters: 0,
    payloadBytes: 100,
    qos: 0,
    window: 100,
    ahead: 10_000,
    rate: undefined,
    count: undefined,
    durationMs: 4000,
    warmupMs: 1000,
    ...over,
  };
}

/** A result with these figures. */
export function resultOf(
  figures: Figures,
  over: Partial<BenchSettings> = {},
  wasInterrupted = false,
): BenchResult {
  return {
    server: 'localhost:1883',
    version: '5.0',
    settings: settingsOf(over),
    seconds: 4,
    wasInterrupted,
    figures,
  };
}

/** Percentiles of one time, each ten times the one before. */
export function timesOf(name: 'latency' | 'lateness' | 'burst' | 'connect', p50: number): Figures {
  const values = ['p50', 'p90', 'p99', 'p999', 'max'].map((key, index) => {
    return [`${name}_${key}_us`, p50 * 10 ** index];
  });
  return Object.fromEntries(values);
}

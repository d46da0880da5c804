import { expect, it } from 'vitest';
import { renderResult } from '../../src/bench/render-result.ts';
import { resultOf, timesOf } from '../support/bench-results.ts';

const GOOD = {
  published: 4_000_000,
  delivered: 4_000_000,
  lost: 0,
  duplicates: 0,
  disordered: 0,
  stray: 0,
};

it('tells of throughput', () => {
  const figures = {
    ...GOOD,
    published_per_s: 1_000_100,
    delivered_per_s: 1_000_000,
    delivered_mb_per_s: 100,
    ...timesOf('latency', 12),
    ...timesOf('connect', 100),
    connections: 5,
    client_cpu: 0.97,
    client_loop: 0.99,
    broker_cpu: 0.4,
    broker_cpu_s_per_million: 0.4,
    broker_rss_bytes: 89_443_533,
    broker_rss_peak_bytes: 99_443_533,
  };
  expect(renderResult(resultOf(figures))).toEqual([
    'fan-in at localhost:1883, MQTT 5.0',
    '4 publishers, 1 subscriber, QoS 0, 100 bytes, 4 s',
    '',
    'delivered    1,000,000 /s  100 MB/s',
    'published    1,000,100 /s',
    'latency      p50 12 us  p90 120 us  p99 1.2 ms  p99.9 12 ms  max 120 ms' +
      '  (from sending, with full queues)',
    'connections  5',
    'connecting   p50 100 us  p90 1 ms  p99 10 ms  p99.9 100 ms  max 1 s',
    'messages     4,000,000 delivered, 0 lost, 0 twice, 0 out of order',
    'this side    CPU 97 %, event loop 99 % busy',
    'broker       CPU 40 %, 0.400 CPU s per million, memory 85.3 MiB, peak 94.8 MiB',
    'note: this side was the bottleneck: the broker can do more than these figures say',
  ]);
});

it('tells of a rate: what was due, how late this side was, and what it did not reach', () => {
  const figures = {
    ...GOOD,
    published_per_s: 900,
    ...timesOf('latency', 30),
    ...timesOf('lateness', 20),
    client_cpu: 1,
    client_loop: 1,
  };
  const over = { scenario: 'latency', rate: 1000, topics: 7, count: 500, qos: 1 } as const;
  const lines = renderResult(resultOf(figures, over, false));
  expect(lines[1]).toBe(
    '4 publishers, 1 subscriber, 7 topics each, QoS 1, 100 bytes, window 100, ' +
      '1,000 messages a second, 500 messages',
  );
  expect(lines).toContain(
    'latency      p50 30 us  p90 300 us  p99 3 ms  p99.9 30 ms  max 300 ms' +
      '  (from when it was due)',
  );
  expect(lines).toContain('sent late by p50 20 us  p90 200 us  p99 2 ms  p99.9 20 ms  max 200 ms');
  expect(lines).toContain(
    'this side    CPU 100 %, event loop 100 % busy  (it waits for each moment awake)',
  );
  expect(lines.slice(-2)).toEqual([
    'note: much of the latency is that this side sent late: it, or its machine, was too busy',
    'note: the rate that was asked for was not reached',
  ]);
});

it('tells of retained messages', () => {
  const figures = { ...GOOD, ...timesOf('burst', 5), connections: 2 };
  const over = { scenario: 'retained', publishers: 1, topics: 20_000 } as const;
  const lines = renderResult(resultOf(figures, over));
  expect(lines[1]).toBe(
    '1 publisher, 1 subscriber, 20,000 retained messages, QoS 0, 100 bytes, 4 s',
  );
  expect(lines).toContain(
    'all retained p50 5 us  p90 50 us  p99 500 us  p99.9 5 ms  max 50 ms' +
      '  (from SUBSCRIBE to the last one)',
  );
});

it('tells of connections', () => {
  const figures = {
    connections: 10_000,
    connections_per_s: 5000,
    broker_cpu: 0.5,
    broker_cpu_s_per_million: 100,
    broker_rss_bytes: 2 ** 26,
    broker_bytes_per_connection: 4096,
  };
  const over = { scenario: 'connections', subscribers: 10_000, durationMs: 2000 } as const;
  expect(renderResult(resultOf(figures, { ...over, rate: 5000 }))).toEqual([
    'connections at localhost:1883, MQTT 5.0',
    '10,000 connections, 5,000 a second, held for 2 s',
    '',
    'connections  10,000, 5,000 /s',
    'broker       CPU 50 %, 100.000 CPU s per million, memory 64.0 MiB, 4,096 bytes per connection',
  ]);
});

it('tells what went wrong, and that it was interrupted', () => {
  const figures = { ...GOOD, lost: 7, duplicates: 1, disordered: 2, stray: 3 };
  const lines = renderResult(resultOf(figures, {}, true));
  expect(lines.slice(-2)).toEqual([
    'messages     4,000,000 delivered, 7 lost, 1 twice, 2 out of order, 3 that nobody asked for',
    'note: interrupted: it was not measured as long as it should be',
  ]);
});

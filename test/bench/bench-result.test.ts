import { describe, expect, it } from 'vitest';
import { findBottleneck, findFaults } from '../../src/bench/bench-result.ts';
import type { Figures } from '../../src/bench/figures.ts';
import { resultOf } from '../support/bench-results.ts';

describe('the bottleneck, as fast as it goes', () => {
  it.each<[string, Figures]>([
    ['none', { client_cpu: 0.5, client_loop: 0.5 }],
    ['none', { client_cpu: 0.5, client_loop: 0.5, broker_cpu: 0.5 }],
    ['broker', { client_cpu: 0.5, client_loop: 0.5, broker_cpu: 0.9 }],
    ['client', { client_cpu: 0.9, client_loop: 0.5, broker_cpu: 0.5 }],
    ['client', { client_cpu: 0.5, client_loop: 0.9, broker_cpu: 0.5 }],
    ['perhaps client', { client_cpu: 0.9, client_loop: 0.9 }],
    ['both', { client_cpu: 0.9, client_loop: 0.9, broker_cpu: 0.9 }],
  ])('is %s with %j', (bottleneck, figures) => {
    expect(findBottleneck(resultOf(figures))).toBe(bottleneck);
  });
});

describe('the bottleneck, at a rate', () => {
  const awake = { client_cpu: 1, client_loop: 1 };
  it.each<[string, Figures]>([
    ['none', awake],
    ['none', { ...awake, lateness_p99_us: 900, latency_p99_us: 950 }],
    ['none', { ...awake, lateness_p99_us: 2000, latency_p99_us: 5000 }],
    ['perhaps client', { ...awake, lateness_p99_us: 2000, latency_p99_us: 3000 }],
    ['client', { ...awake, lateness_p99_us: 2000, latency_p99_us: 3000, broker_cpu: 0.1 }],
  ])('is %s with %j', (bottleneck, figures) => {
    expect(findBottleneck(resultOf(figures, { rate: 1000 }))).toBe(bottleneck);
  });

  it('is told by the load in "connections", where nobody waits awake', () => {
    const result = resultOf(awake, { scenario: 'connections', rate: 1000 });
    expect(findBottleneck(result)).toBe('perhaps client');
  });
});

it.each([
  [0, { lost: 5, duplicates: 5, delivered: 10 }, []],
  [1, { lost: 0, duplicates: 5, delivered: 10 }, []],
  [1, { lost: 5, duplicates: 0, delivered: 10 }, ['5 of 15 messages of QoS 1 lost']],
  [2, { lost: 0, duplicates: 1, delivered: 10 }, ['1 messages of QoS 2 came twice']],
  [
    2,
    { lost: 1, duplicates: 1, delivered: 9 },
    ['1 of 10 messages of QoS 2 lost', '1 messages of QoS 2 came twice'],
  ],
] as const)('finds at QoS %i what it forbids: %j', (qos, figures, faults) => {
  expect(findFaults(resultOf(figures, { qos }))).toEqual(faults);
});

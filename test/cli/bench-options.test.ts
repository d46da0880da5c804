import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { benchSettings, LOAD_OPTIONS } from '../../src/cli/bench-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { settingsOf } from '../support/bench-results.ts';

/** `mqttk bench` with these words. */
function settings(line: string) {
  const [scenario, ...words] = line.split(' ');
  return benchSettings(scenario || undefined, parseOptions(LOAD_OPTIONS, words).options);
}

function refusalOf(line: string): CallerError {
  try {
    settings(line);
  } catch (error) {
    if (error instanceof CallerError) return error;
    throw error;
  }
  throw new Error(`${line} is taken`);
}

it.each([
  ['fan-in', {}],
  ['fan-out', { publishers: 1, subscribers: 100 }],
  ['pairs', { publishers: 10, subscribers: 10 }],
  ['shared', { publishers: 4, subscribers: 4 }],
  ['latency', { publishers: 10, rate: 1000 }],
  ['retained', { publishers: 1, topics: 10_000 }],
  ['match', { publishers: 1, subscribers: 3, filters: 30_000, topics: 10_000 }],
  ['connections', { publishers: 0, subscribers: 1000, durationMs: 2000 }],
] as const)('has defaults that say something for %s', (scenario, over) => {
  expect(settings(scenario)).toEqual(settingsOf({ scenario, ...over }));
});

it.each([
  ['pairs --clients 7', { publishers: 7, subscribers: 7 }],
  ['connections --clients 7 --rate 50', { subscribers: 7, rate: 50 }],
  ['fan-in --publishers 2 --subscribers 3', { publishers: 2, subscribers: 3 }],
  [
    'fan-in --size 1k -q 2 --window 7 --ahead 8',
    { payloadBytes: 1000, qos: 2, window: 7, ahead: 8 },
  ],
  ['fan-in --max --duration 500ms --warmup 0', { rate: undefined, durationMs: 500, warmupMs: 0 }],
  ['latency --rate 5', { rate: 5 }],
  ['match --filters 31', { filters: 31, topics: 10 }],
  ['match --filters 300 --topics 7', { filters: 300, topics: 7 }],
  ['retained --topics 5 --subscribers 2', { topics: 5, subscribers: 2, publishers: 1 }],
] as const)('takes %s', (line, expected) => {
  expect(settings(line)).toMatchObject(expected);
});

it('leaves the warm-up out where messages are counted, unless it is asked for', () => {
  expect(settings('fan-in --count 5')).toMatchObject({ count: 5, warmupMs: 0 });
  expect(settings('fan-in --count 5 --warmup 1s')).toMatchObject({ count: 5, warmupMs: 1000 });
});

describe('refuses', () => {
  it.each([
    ['', 'no scenario', 'choose one of: fan-in, fan-out, pairs'],
    ['fanin', 'unknown scenario "fanin"', 'did you mean fan-in?'],
    ['storm', 'unknown scenario "storm"', 'choose one of'],
    ['fan-in --filters 9', '--filters means nothing in fan-in', 'leave it out'],
    ['match --filters 9 --topics 4', '4 topics for 9 filters', '--filters 12'],
    ['connections -q 1', '--qos means nothing in connections', '--clients --rate'],
    ['connections -t x', '--topic means nothing in connections', 'leave it out'],
    ['latency --max', '--max means nothing in latency', '--rate'],
    ['latency --ahead 5', '--ahead means nothing in latency', 'leave it out'],
    ['pairs --publishers 5', '--publishers means nothing in pairs', '--clients'],
    ['fan-in --clients 5', '--clients means nothing in fan-in', '--publishers'],
    ['retained --rate 5', '--rate means nothing in retained', 'leave it out'],
    ['fan-in --rate 5 --max', '--rate and --max exclude each other', 'leave one of them out'],
    ['fan-in --rate 5 --ahead 5', '--rate and --ahead exclude each other', 'leave one'],
    ['fan-in --count 5 --duration 5', '--count and --duration exclude each other', 'leave one'],
    ['fan-in --window 5', '--window means nothing at QoS 0', '-q 1'],
    ['fan-in --duration 0', '--duration cannot be "0"', 'give some time'],
    ['fan-in --size 11', '--size cannot be 11', 'give 12 to'],
    ['fan-in --size 256MiB', '--size cannot be 256MiB', 'give 12 to'],
    ['fan-in --topic a/#', 'topic "a/#" has a wildcard', 'name one topic'],
    ['fan-in --topic $SYS', '--topic cannot be "$SYS"', 'does not begin with $'],
    [
      'pairs --clients 2000 --size 1MiB',
      '2000 publishers with 1048576 bytes each',
      'smaller --size',
    ],
    [
      'fan-in --publishers 5000 --subscribers 5000',
      '5000 publishers for 5000 subscribers',
      'give fewer',
    ],
  ])('%s', (line, message, remedy) => {
    const error = refusalOf(line);
    expect(error.kind).toBe('usage');
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });

  it('no pairs for being many', () => {
    expect(settings('pairs --clients 10000')).toMatchObject({ publishers: 10_000 });
  });
});

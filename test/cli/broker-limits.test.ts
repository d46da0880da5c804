import { describe, expect, it } from 'vitest';
import { BROKER_BOUNDS, BROKER_CHOICES } from '../../src/broker/broker-config.ts';
import {
  defaultMemoryBytes,
  LIMIT_OPTIONS,
  limitsFrom,
  renderSize,
  roundSize,
} from '../../src/cli/broker-limits.ts';
import { parseOptions } from '../../src/cli/options.ts';

function limitsOf(...words: readonly string[]): ReturnType<typeof limitsFrom> {
  return limitsFrom(parseOptions(LIMIT_OPTIONS, words).options);
}

/** These are switches, beside the limits. */
const SWITCHED = ['retainAvailable', 'payloadFormatChecked'];

it('sets one limit of the broker with each option, and misses none', () => {
  const set = Object.keys(LIMIT_OPTIONS).map((option) => {
    const { value } = LIMIT_OPTIONS[option as keyof typeof LIMIT_OPTIONS];
    const number = { 'max-qos': '1', 'max-memory': '64MiB' }[option] ?? '2000';
    const text = { TIME: '2s', ACTION: 'disconnect', WHAT: 'drop-new' }[value] ?? number;
    const limits = limitsOf(`--${option}`, text);
    expect(Object.values(limits), option).toHaveLength(1);
    return Object.keys(limits)[0];
  });
  // `--no-retain` is a switch of its own.
  const fields = Object.keys({ ...BROKER_BOUNDS, ...BROKER_CHOICES }).filter(
    (field) => !SWITCHED.includes(field),
  );
  expect(set.sort()).toEqual(fields.sort());
});

it('leaves what is not given to the defaults', () => {
  expect(limitsOf()).toEqual({});
});

describe('values', () => {
  it.each([
    ['--max-packet-size', '64KiB', { packetBytesMax: 65_536 }],
    ['--connect-timeout', '2m', { connectTimeoutMs: 120_000 }],
    ['--slow-grace', '250ms', { slowGraceMs: 250 }],
    ['--max-session-expiry', '30d', { sessionExpirySecondsMax: 2_592_000 }],
    ['--max-session-expiry', 'never', { sessionExpirySecondsMax: 0xffff_ffff }],
    ['--rate-action', 'disconnect', { rateAction: 'disconnect' }],
    ['--max-memory', '64MiB', { memoryBytesMax: 2 ** 26 }],
    ['--max-queue-messages', '0', { queueMessagesMax: 0 }],
  ])('are read from %s %s', (option, text, limits) => {
    expect(limitsOf(option, text)).toEqual(limits);
  });

  it.each([
    ['--max-packet-size', '15', '16 to 268435455'],
    ['--connect-timeout', '6m', '1s to 5m'],
    ['--receive-maximum', '0', '1 to 65535'],
    ['--max-session-expiry', '1.5', 'whole seconds, at most 4294967294, or never'],
  ])('are refused in %s %s, with what would do', (option, text, remedy) => {
    expect(() => limitsOf(option, text)).toThrow(
      expect.objectContaining({ kind: 'usage', remedy: expect.stringContaining(remedy) }),
    );
  });
});

it('gives a broker half of the memory, no more than the heap holds, and enough', () => {
  const heapBytesMax = 8 * 2 ** 30;
  expect(defaultMemoryBytes({ heapBytesMax, memoryBytes: 8 * 2 ** 30 + 1 })).toBe(4 * 2 ** 30);
  expect(defaultMemoryBytes({ heapBytesMax, memoryBytes: 100 * 2 ** 30 })).toBe(6 * 2 ** 30);
  expect(defaultMemoryBytes({ heapBytesMax, memoryBytes: 200 * 2 ** 20 })).toBe(128 * 2 ** 20);
  expect(LIMIT_OPTIONS['max-memory'].defaultDescription).toContain('128MiB');
});

it.each([
  [4 * 2 ** 30, '4.0 GiB'],
  [4_123_456_789, '3.8 GiB'],
  [2 ** 20, '1.0 MiB'],
])('shows %i bytes as about %s', (bytes, text) => {
  expect(roundSize(bytes)).toBe(text);
});

it.each([
  [16 * 2 ** 20, '16MiB'],
  [1536, '1536'],
  [3 * 1024, '3KiB'],
  [100_000, '100000'],
  [0, '0'],
])('writes %i bytes as %s', (bytes, text) => {
  expect(renderSize(bytes)).toBe(text);
});

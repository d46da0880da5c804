import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { PropertyBag } from '../../src/cli/property-bag.ts';
import {
  addSubscribeProperties,
  SUBSCRIBE_OPTIONS,
  subscriptionsOf,
} from '../../src/cli/subscribe-options.ts';

function options(words: string) {
  return parseOptions(SUBSCRIBE_OPTIONS, words.split(' ')).options;
}

it('asks for filters with the QoS of each', () => {
  expect(subscriptionsOf(options('-t a/# -q 1 -t $share/g/b -q 2'))).toEqual([
    {
      topicFilter: 'a/#',
      qos: 1,
      isNoLocal: false,
      isRetainAsPublished: false,
      retainHandling: 0,
    },
    expect.objectContaining({ topicFilter: '$share/g/b', qos: 2 }),
  ]);
});

it.each([
  ['-R', { retainHandling: 2 }],
  ['-R --remove-retained', { retainHandling: 0 }],
  ['--retain-handling new', { retainHandling: 1 }],
  ['--retain-as-published', { isRetainAsPublished: true }],
  ['--no-local', { isNoLocal: true }],
  ['--group g', { topicFilter: '$share/g/a' }],
])('asks with %s for them otherwise', (words, expected) => {
  expect(subscriptionsOf(options(`-t a ${words}`))).toMatchObject([expected]);
});

it.each([
  ['--sub-id 7', '--sub-id'],
  ['--no-local', '--no-local'],
  ['--retain-as-published', '--retain-as-published'],
  ['--retain-handling never', '--retain-handling'],
])('needs MQTT 5 for %s', (words, option) => {
  const bag = new PropertyBag();
  addSubscribeProperties(options(`-t a ${words}`), bag);
  expect(bag.neededBy).toBe(option);
});

describe('usage', () => {
  it.each([
    ['-q 1', 'no filter to subscribe to'],
    ['-t a -R --retained-only', '-R and --retained-only exclude each other'],
    ['-t a --no-local --group g', '--no-local and a shared filter'],
    ['-t $share/g/a --no-local', '--no-local and a shared filter'],
    ['-t a --dry-run', '--dry-run is for --remove-retained'],
    ['-t a#', 'a#'],
    ['-t $share/g', '$share/g'],
    ['-T a#', 'a#'],
    ['-t a --group a/b', '--group'],
    ['-t a --where .a>', '--where, column 4: a value is expected'],
    ['-t a --random-filter 0', '--random-filter'],
    ['-t a --random-filter 101', '--random-filter'],
    ['-t a --sub-id 0', '--sub-id'],
  ])('refuses %s', (words, text) => {
    expect(() => subscriptionsOf(options(words))).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(text) }),
    );
  });
});

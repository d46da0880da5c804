import { describe, expect, it } from 'vitest';
import { DEFAULT_SWITCHES } from '../../src/broker/broker-switches.ts';
import { SWITCH_OPTIONS, switchesFrom } from '../../src/cli/broker-switches.ts';
import { parseOptions } from '../../src/cli/options.ts';

function switchesOf(...words: readonly string[]): ReturnType<typeof switchesFrom> {
  return switchesFrom(parseOptions(SWITCH_OPTIONS, words).options);
}

it('says what the broker does by itself', () => {
  expect({ ...DEFAULT_SWITCHES, ...switchesOf() }).toEqual(DEFAULT_SWITCHES);
});

it.each([
  ['reply/#', 'name one topic'],
  ['', 'name one'],
  ['$SYS/reply', 'reply/%c'],
])('takes no response information that no topic begins with: %j', (text, remedy) => {
  expect(() => switchesOf(`--response-information=${text}`)).toThrow(
    expect.objectContaining({ kind: 'usage', remedy: expect.stringContaining(remedy) }),
  );
});

it('has an option for each', () => {
  const fields = Object.values(SWITCH_OPTIONS).map(({ field }) => field);
  expect(fields.sort()).toEqual(Object.keys(DEFAULT_SWITCHES).sort());
});

describe('values', () => {
  it.each([
    ['--queue-qos0', { queuesQos0: true }],
    ['--protocols=5', { protocolLevels: [5] }],
    ['--protocols=5,3.1', { protocolLevels: [3, 5] }],
    ['--no-empty-client-id', { assignsClientIds: false }],
    ['--auto-id-prefix=', { autoIdPrefix: '' }],
    ['--no-shared-v3', { sharesBefore5: false }],
    ['--utf8=spec', { textRule: 'spec' }],
    ['--no-log-connections', { logsConnections: false }],
    ['--response-information=reply/%c', { responseInformation: 'reply/%c' }],
    ['--log-subscriptions', { logsSubscriptions: true }],
  ])('are read from %s', (word, switches) => {
    expect(switchesOf(word)).toMatchObject(switches);
  });

  it.each([
    ['--protocols=', '3.1,3.1.1,5'],
    ['--protocols=5,4', '3.1,3.1.1,5'],
    ['--auto-id-prefix=a\nb', 'control characters'],
    [`--auto-id-prefix=${'ä'.repeat(101)}`, '200 bytes'],
  ])('are refused in %j, with what would do', (word, remedy) => {
    expect(() => switchesOf(word)).toThrow(
      expect.objectContaining({ kind: 'usage', remedy: expect.stringContaining(remedy) }),
    );
  });
});

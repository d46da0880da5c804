import { expect, it } from 'vitest';
import { STOP_OPTIONS, stopPlanFrom } from '../../src/cli/broker-stop.ts';
import { parseOptions } from '../../src/cli/options.ts';

function plan(...words: string[]): ReturnType<typeof stopPlanFrom> {
  return stopPlanFrom(parseOptions(STOP_OPTIONS, words).options);
}

it('sends all away at once, and waits ten seconds for them, unless it is told otherwise', () => {
  expect(plan()).toEqual({ spreadMs: 0, timeoutMs: 10_000, serverReference: undefined });
  expect(
    plan('--drain', '1m', '--shutdown-timeout', '2m', '--server-reference', 'b:1 c:1'),
  ).toEqual({ spreadMs: 60_000, timeoutMs: 120_000, serverReference: 'b:1 c:1' });
});

it.each([
  [['--drain', '10s'], '--drain 10s does not end before --shutdown-timeout'],
  [['--shutdown-timeout', '0'], '--drain 0ms does not end before --shutdown-timeout'],
  [['--drain', '2d'], '--drain cannot be "2d"'],
  [['--server-reference', ' '], '--server-reference cannot be " "'],
  [['--server-reference', 'a\nb'], '--server-reference cannot be "a\\nb"'],
  [['--server-reference', 'x'.repeat(1_001)], '--server-reference cannot be "xxx'],
])('refuses %j', (words, message) => {
  expect(() => plan(...words)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(message) }),
  );
});

import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { RunReport } from '../../src/cli/run-report.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function report() {
  const platform = new RecordedPlatform();
  const { options } = parseOptions(CLIENT_OPTIONS, ['-u', 'ro']);
  const target = await clientTarget(options, 'x', platform);
  return { platform, report: new RunReport(target, chooseReporter('text', 'test', platform)) };
}

it('keeps the code of the first refusal, and tells each with advice', async () => {
  const { platform, report: run } = await report();
  expect(run.refusalCode).toBeUndefined();
  for (const reasonCode of [0x87, 0x97]) {
    run.refuse(new CallerError('refused', 'no', { reasonCode }), 'publish');
  }
  expect(run.refusalCode).toBe(0x87);
  expect(platform.err).toContain(`deny this to user "ro"`);
});

it('tells why a run has ended, unless its work was done', async () => {
  const { platform, report: run } = await report();
  const error = new CallerError('lost', 'connection lost: reset');
  expect(run.end({ kind: 'ended', error, wasAsked: true }, true)).toBe(0);
  expect(run.end({ kind: 'ended', error: undefined, wasAsked: true }, false)).toBe(0);
  expect(platform.err).toBe('');
  expect(run.end({ kind: 'ended', error, wasAsked: false }, false)).toBe(4);
  expect(platform.err).toContain('connection lost: reset');
  expect(run.refusalCode).toBeUndefined();
});

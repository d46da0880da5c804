import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const REFUSAL = new CallerError('refused', 'publish refused', {
  why: 'rules',
  remedy: 'ask',
  reasonCode: 0x87,
  reasonString: 'no',
});

it('tells a person in lines', () => {
  const platform = new RecordedPlatform();
  const reporter = chooseReporter('text', 'mqttk pub', platform);
  expect(reporter.report(REFUSAL)).toBe(135);
  reporter.note('note: x');
  expect(platform.err).toBe('mqttk pub: publish refused\n  why: rules\n  try: ask\nnote: x\n');
});

it('tells a program in an object, with its keys in this order', () => {
  const platform = new RecordedPlatform();
  const reporter = chooseReporter('json', 'mqttk sub', platform);
  expect(reporter.report(REFUSAL)).toBe(135);
  expect(reporter.report(new CallerError('lost', 'gone'))).toBe(4);
  expect(platform.warned).toEqual([
    '{"v":1,"type":"error","code":135,"name":"Not authorized","what":"publish refused",' +
      '"why":"rules","try":"ask","reason_string":"no"}',
    '{"v":1,"type":"error","code":4,"name":"lost","what":"gone"}',
  ]);
});

it('tells nobody, and the exit code all the same', () => {
  const platform = new RecordedPlatform();
  const reporter = chooseReporter('quiet', 'mqttk pub', platform);
  expect(reporter.report(REFUSAL)).toBe(135);
  reporter.note('note: x');
  reporter.spin('x')();
  expect(platform.err).toBe('');
});

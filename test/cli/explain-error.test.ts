import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { explainError } from '../../src/cli/explain-error.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

function explain(error: unknown, env: Record<string, string> = {}): string {
  const platform = new RecordedPlatform({ env });
  const code = explainError(error, 'mqttk pub', platform);
  return `${platform.err}exit ${code}`;
}

it('says what happened, why, and what to do', () => {
  const error = new CallerError('connect', 'cannot connect', { why: 'closed', remedy: 'open it' });
  expect(explain(error)).toBe('mqttk pub: cannot connect\n  why: closed\n  try: open it\nexit 3');
});

it('leaves out what it does not know', () => {
  expect(explain(new CallerError('usage', 'no message'))).toBe('mqttk pub: no message\nexit 2');
});

it('shows the stack of a foreseen error, and of its cause, only when asked', () => {
  const error = new CallerError('file', 'cannot read', { cause: new Error('inner') });
  expect(explain(error)).not.toContain('    at ');
  const said = explain(error, { MQTTK_DEBUG: '1' });
  expect(said).toMatch(/CallerError: cannot read\n {4}at /);
  expect(said).toMatch(/caused by: Error: inner\n {4}at /);
  expect(said).toMatch(/\nmqttk pub: cannot read\nexit 6$/);
});

it('bears that something else than an error was thrown', () => {
  expect(explain('odd')).toContain('thrown: odd\nmqttk pub: internal error');
});

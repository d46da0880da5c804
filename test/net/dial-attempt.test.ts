import { afterEach, expect, it, vi } from 'vitest';
import { DialAttempt } from '../../src/net/dial-attempt.ts';

const TERMS = { address: { host: 'h', port: 1 }, timeoutMs: 1000 };

afterEach(() => {
  vi.useRealTimers();
});

it('is cut short by its time, and says what took so long', () => {
  vi.useFakeTimers();
  const attempt = new DialAttempt(TERMS, undefined);
  vi.advanceTimersByTime(999);
  expect(attempt.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(attempt.signal.reason).toMatchObject({
    kind: 'connect',
    message: 'cannot connect to h:1: no answer within 1 s',
  });
});

it('is cut short by its caller', () => {
  const outer = new AbortController();
  const attempt = new DialAttempt(TERMS, outer.signal);
  const reason = new Error('no longer wanted');
  outer.abort(reason);
  expect(attempt.signal.reason).toBe(reason);
  attempt.end();
});

it('is not, once it is over', () => {
  vi.useFakeTimers();
  const outer = new AbortController();
  const attempt = new DialAttempt(TERMS, outer.signal);
  attempt.end();
  vi.advanceTimersByTime(2000);
  outer.abort();
  expect(attempt.signal.aborted).toBe(false);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { setAlarm } from '../../src/cli/alarm.ts';

const nowMs = () => performance.now();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('rings once when the moment has come, and not before', () => {
  const onDue = vi.fn();
  setAlarm(nowMs, nowMs() + 1000, onDue);
  vi.advanceTimersByTime(999);
  expect(onDue).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5000);
  expect(onDue).toHaveBeenCalledOnce();
});

it('waits longer than one timer can [trap 26]', () => {
  const fiftyDaysMs = 50 * 86_400_000;
  const onDue = vi.fn();
  setAlarm(nowMs, nowMs() + fiftyDaysMs, onDue);
  vi.advanceTimersByTime(fiftyDaysMs - 1);
  expect(onDue).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDue).toHaveBeenCalledOnce();
});

it('does not ring once it is taken back, in its second step either', () => {
  const onDue = vi.fn();
  const cancel = setAlarm(nowMs, nowMs() + 2 ** 31 + 1000, onDue);
  vi.advanceTimersByTime(2 ** 31);
  cancel();
  vi.advanceTimersByTime(1_000_000);
  expect(onDue).not.toHaveBeenCalled();
});

it('rings after the call, for a moment that is past', () => {
  const onDue = vi.fn();
  setAlarm(nowMs, nowMs() - 5, onDue);
  expect(onDue).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDue).toHaveBeenCalledOnce();
});

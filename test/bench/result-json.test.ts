import { describe, expect, it } from 'vitest';
import {
  findDifference,
  parseFormerResult,
  renderResultJson,
} from '../../src/bench/result-json.ts';
import { resultOf, settingsOf } from '../support/bench-results.ts';

const ORIGIN = { tool: 'mqttk 0.1.0', date: '2026-11-23T10:00:00.000Z', runtime: 'Node.js' };

it('says what was measured, how, and by whom', () => {
  const figures = { delivered: 5, delivered_per_s: 1.234_567 };
  const changes = [
    {
      figure: 'delivered_per_s',
      before: 1,
      now: 1.234_567,
      ratio: 1.234_567,
      isRegression: false,
    },
  ] as const;
  expect(JSON.parse(renderResultJson(resultOf(figures), ORIGIN, changes))).toEqual({
    v: 1,
    type: 'bench',
    ...ORIGIN,
    scenario: 'fan-in',
    server: 'localhost:1883',
    mqtt: '5.0',
    settings: {
      publishers: 4,
      subscribers: 1,
      topics: 1,
      size: 100,
      qos: 0,
      window: 100,
      ahead: 10_000,
      duration_s: 4,
      warmup_s: 1,
    },
    seconds: 4,
    interrupted: false,
    bottleneck: 'none',
    faults: [],
    figures: { delivered: 5, delivered_per_s: 1.2346 },
    comparison: [
      { figure: 'delivered_per_s', before: 1, now: 1.2346, ratio: 1.2346, regression: false },
    ],
  });
});

it('says a rate and a count where they were given', () => {
  const result = resultOf({}, { rate: 10, count: 20 });
  const { comparison, settings } = JSON.parse(renderResultJson(result, ORIGIN, undefined));
  expect(settings).toMatchObject({ rate: 10, count: 20 });
  expect(settings).not.toHaveProperty('duration_s');
  expect(comparison).toBeUndefined();
});

describe('a former result', () => {
  it('is read again', () => {
    const text = renderResultJson(resultOf({ delivered: 5 }), ORIGIN, undefined);
    const former = parseFormerResult(text);
    expect(former).toMatchObject({ scenario: 'fan-in', figures: { delivered: 5 } });
    if (former === undefined) return;
    expect(findDifference(former, settingsOf({ durationMs: 1, warmupMs: 7 }))).toBeUndefined();
    expect(findDifference(former, settingsOf({ payloadBytes: 20 }))).toEqual({
      name: '--size',
      before: 100,
      now: 20,
    });
    expect(findDifference(former, settingsOf({ scenario: 'pairs' }))?.name).toBe('scenario');
    expect(findDifference(former, settingsOf({ rate: 5 }))).toEqual({
      name: '--rate',
      before: undefined,
      now: 5,
    });
  });

  it.each([
    ['no JSON', 'delivered 5 /s'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['of another kind', '{"v":1,"type":"message"}'],
    ['of another version', '{"v":2,"type":"bench","settings":{},"figures":{}}'],
    ['without figures', '{"v":1,"type":"bench","settings":{}}'],
  ])('is none if it is %s', (_, text) => {
    expect(parseFormerResult(text)).toBeUndefined();
  });

  it('keeps those figures alone that are known, and are numbers', () => {
    const figures = { delivered: 5, lost: '0', invented: 7 };
    const text = JSON.stringify({ v: 1, type: 'bench', settings: {}, figures });
    expect(parseFormerResult(text)?.figures).toEqual({ delivered: 5 });
  });
});

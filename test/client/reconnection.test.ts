import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { Reconnection, type ReconnectPolicy } from '../../src/client/reconnection.ts';

const LOST = new CallerError('lost', 'connection lost: reset');
const REFUSED = new CallerError('connect', 'cannot connect');

function reconnection(over: Partial<ReconnectPolicy> = {}): Reconnection {
  const attemptsMax = Number.POSITIVE_INFINITY;
  const policy = { waitsForServer: false, reconnects: true, attemptsMax, ...over };
  return new Reconnection(policy, { below: (bound) => bound - 1 });
}

/** Connects at `fromMs` and is lost at `toMs`. */
function life(of: Reconnection, fromMs: number, toMs: number, level: 3 | 4 | 5 = 5) {
  of.onConnected(fromMs);
  return of.onLost(LOST, level, toMs);
}

it('ends with what kept the first connection from coming about', () => {
  expect(reconnection().onLost(REFUSED, 5, 0)).toEqual({ kind: 'end', error: REFUSED });
});

it('tries the first connection again where it is told to wait', () => {
  const waiting = reconnection({ waitsForServer: true, reconnects: false });
  expect(waiting.onLost(REFUSED, 5, 0)).toEqual({ kind: 'retry', delayMs: 1000 });
  expect(waiting.onLost(REFUSED, 5, 1000)).toEqual({ kind: 'retry', delayMs: 2000 });
  expect(life(waiting, 3000, 90_000)).toEqual({ kind: 'end', error: LOST });
});

it('comes back after a loss, sooner again once a connection has lived for 10 s', () => {
  const comesBack = reconnection();
  expect(life(comesBack, 0, 9999)).toMatchObject({ delayMs: 1000 });
  expect(life(comesBack, 11_000, 20_999)).toMatchObject({ delayMs: 2000 });
  expect(life(comesBack, 23_000, 33_000)).toMatchObject({ delayMs: 1000 });
});

it('does not come back where it is told not to', () => {
  expect(life(reconnection({ reconnects: false }), 0, 20_000).kind).toBe('end');
});

it('says that what it cannot reach again was lost', () => {
  const limited = reconnection({ attemptsMax: 1 });
  expect(life(limited, 0, 20_000).kind).toBe('retry');
  expect(limited.onLost(REFUSED, 5, 21_000)).toMatchObject({
    kind: 'end',
    error: { kind: 'lost', message: 'connection lost and not regained: cannot connect' },
  });
});

it('never tries again what is refused for good', () => {
  const error = new CallerError('refused', 'x', { reasonCode: 0x87 });
  const waiting = reconnection({ waitsForServer: true });
  expect(waiting.onLost(error, 5, 0)).toEqual({ kind: 'end', error });
});

describe('another client with the same id', () => {
  it.each([3, 4] as const)('is recognised at level %i by three short lives in a row', (level) => {
    const rivals = reconnection();
    expect(life(rivals, 0, 4999, level).kind).toBe('retry');
    expect(life(rivals, 6000, 7000, level).kind).toBe('retry');
    expect(life(rivals, 9000, 9001, level)).toMatchObject({
      kind: 'end',
      error: { kind: 'refused', reasonCode: 0x8e },
    });
  });

  it('is not, where one of them was longer, or an attempt was refused in between', () => {
    const one = reconnection();
    life(one, 0, 1, 4);
    life(one, 0, 1, 4);
    life(one, 0, 5000, 4);
    expect(life(one, 0, 1, 4).kind).toBe('retry');
  });

  it('says so itself in 5.0', () => {
    const rivals = reconnection();
    for (let times = 0; times < 5; times += 1) expect(life(rivals, 0, 1, 5).kind).toBe('retry');
    const error = new CallerError('refused', 'x', { reasonCode: 0x8e });
    rivals.onConnected(0);
    expect(rivals.onLost(error, 5, 20_000)).toEqual({ kind: 'end', error });
  });
});

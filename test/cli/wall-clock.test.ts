import { expect, it } from 'vitest';
import { WallClock } from '../../src/cli/wall-clock.ts';

/** Two clocks that the test sets. */
class Clocks {
  wallMs = 1000;
  monoMs = 50;
  date(): Date {
    return new Date(this.wallMs);
  }
  nowMs(): number {
    return this.monoMs;
  }
}

it('counts microseconds between the milliseconds of the wall clock', () => {
  const clocks = new Clocks();
  const wall = new WallClock(clocks);
  clocks.wallMs = 1002;
  expect(wall.atUs(52.345)).toBe(1_002_345);
});

it('follows a wall clock that was set', () => {
  const clocks = new Clocks();
  const wall = new WallClock(clocks);
  clocks.wallMs = 500_000;
  expect(wall.atUs(60)).toBe(500_000_000);
  expect(wall.atUs(60.001)).toBe(500_000_001);
});

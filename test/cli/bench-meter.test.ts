import { expect, it } from 'vitest';
import { BenchMeter } from '../../src/cli/bench-meter.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

/** A broker with these ticks of CPU time and pages of memory. */
function world() {
  const files: Record<string, string> = {};
  const platform = new RecordedPlatform({ files });
  const set = (ticks: number, kilobytes: number) => {
    files['/proc/7/stat'] = `7 (x) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0`;
    files['/proc/7/status'] = `VmRSS:\t${kilobytes} kB\n`;
  };
  set(0, 0);
  return { platform, set };
}

it('measures this side alone where nobody asks for the broker', async () => {
  const { platform } = world();
  const meter = new BenchMeter(undefined, platform);
  platform.advanceTo(1000);
  await meter.start();
  platform.advanceTo(3000);
  expect(await meter.stop(5)).toEqual({ client_cpu: 0.5, client_loop: 0.5 });
  expect(await meter.residentBytes()).toBeUndefined();
});

it('measures the broker from start to stop', async () => {
  const { platform, set } = world();
  const meter = new BenchMeter(7, platform);
  set(100, 50);
  await meter.start();
  platform.advanceTo(2000);
  set(200, 40);
  expect(await meter.stop(500_000)).toMatchObject({
    broker_cpu: 0.5,
    broker_cpu_s_per_million: 2,
    broker_rss_bytes: 40 * 1024,
    broker_rss_peak_bytes: 50 * 1024,
  });
  expect(await meter.residentBytes()).toBe(40 * 1024);
});

it('divides by nothing where nothing was delivered', async () => {
  const { platform } = world();
  const meter = new BenchMeter(7, platform);
  await meter.start();
  expect(await meter.stop(0)).not.toHaveProperty('broker_cpu_s_per_million');
});

it('looks for the most memory now and then, and fails the run if the broker is gone', async () => {
  const { platform, set } = world();
  const files = { '/proc/version': 'Linux' };
  let tick: (nowMs: number) => void = () => {};
  const failures: unknown[] = [];
  const stage = {
    onTick: (ticker: (nowMs: number) => void) => {
      tick = ticker;
    },
    fail: (error: unknown) => failures.push(error),
  };
  const meter = new BenchMeter(7, platform);
  await meter.start();
  meter.sample(stage);
  set(0, 900);
  tick(250);
  await new Promise((resolve) => setImmediate(resolve));
  set(0, 10);
  expect(await meter.stop(1)).toMatchObject({ broker_rss_peak_bytes: 900 * 1024 });
  const gone = new BenchMeter(8, new RecordedPlatform({ files }));
  gone.sample(stage);
  tick(500);
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toMatchObject([{ message: 'there is no process 8' }]);
});

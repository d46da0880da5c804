import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { LivePlatform, LocalBroker, until } from '../support/live-platform.ts';

let broker: LocalBroker;
beforeAll(async () => {
  broker = await LocalBroker.start('-v');
});
afterAll(() => broker.stop());

const FEW = ['--topics', '50', '--subscribers', '2', '-t', 'kept'];

/** How many retained messages the broker has. */
async function retainedCount(): Promise<number> {
  const platform = new LivePlatform();
  const where = ['-h', '127.0.0.1', '-p', broker.port];
  await runProgram(['sub', ...where, '-t', '#', '-v', '-W', '0.3'], platform);
  return platform.out.split('\n').length - 1;
}

it.each([
  ['311', '0'],
  ['5', '1'],
])('gets all retained messages again and again, and removes them (-V %s -q %s)', async (v, q) => {
  const words = [...FEW, '-V', v, '-q', q, '--warmup', '20ms', '--duration', '50ms', '--json'];
  const platform = await broker.bench('retained', ...words);
  expect([platform.exitCode, platform.err]).toEqual([0, '']);
  const { figures, seconds } = JSON.parse(platform.out);
  expect(figures).toMatchObject({
    published: 50,
    lost: 0,
    duplicates: 0,
    stray: 0,
    connections: 3,
  });
  expect(figures.delivered % 100).toBe(0);
  expect(figures.delivered).toBeGreaterThanOrEqual(200);
  expect(figures.burst_max_us).toBeGreaterThan(0);
  expect(seconds).toBeGreaterThan(0);
  expect(await retainedCount()).toBe(0);
});

it('removes them when it is interrupted, too', async () => {
  const platform = new LivePlatform();
  const where = ['-h', '127.0.0.1', '-p', broker.port];
  const words = ['retained', ...where, ...FEW, '--warmup', '0', '--duration', '1h', '--json'];
  const done = runProgram(['bench', ...words], platform);
  const before = broker.log.length;
  // Who subscribes for the second time has got all of them once.
  const subscriptions = () => broker.log.slice(before).match(/subscribe client="bench\w+s1"/g);
  await until(() => (subscriptions()?.length ?? 0) > 1);
  platform.sendSignal('SIGINT');
  await done;
  expect(platform.exitCode).toBe(0);
  expect(JSON.parse(platform.out)).toMatchObject({ interrupted: true, figures: { lost: 0 } });
  expect(await retainedCount()).toBe(0);
});

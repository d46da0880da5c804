import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalBroker } from '../support/live-platform.ts';

let broker: LocalBroker;
beforeAll(async () => {
  broker = await LocalBroker.start();
});
afterAll(() => broker.stop());

it.each([
  ['as fast as it goes', []],
  ['at a rate', ['--rate', '2000']],
])('connects clients %s, and holds them', async (_, words) => {
  const own = ['--clients', '100', '--duration', '10ms', '--json', ...words];
  const platform = await broker.bench('connections', ...own);
  expect([platform.exitCode, platform.err]).toEqual([0, '']);
  const { figures } = JSON.parse(platform.out);
  expect(figures.connections).toBe(100);
  expect(figures.connections_per_s).toBeGreaterThan(0);
  expect(figures.connect_max_us).toBeGreaterThan(0);
  expect('lateness_max_us' in figures).toBe(words.length > 0);
  if (words.length > 0) expect(figures.connections_per_s).toBeLessThan(2100);
});

it('fails when the broker takes no more of them', async () => {
  const small = await LocalBroker.start('--max-connections', '20');
  for (const words of [[], ['--rate', '5000']]) {
    const platform = await small.bench('connections', '--clients', '100', '-V', '5', ...words);
    expect(platform.exitCode).toBe(0x97);
    expect(platform.err).toContain('Quota exceeded (0x97)');
    expect(platform.out).toBe('');
  }
  await small.stop();
});

import { expect, it } from 'vitest';
import { readProcessUsage } from '../../src/cli/process-usage.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

/** As Linux writes it, with a name that tries to be fields. */
const STAT = '4711 (mos ) S 1 (q) S 1 4711 4711 0 -1 4194560 3 0 0 0 1250 250 0 0 20 0 1 0 99 0 0';
const STATUS = 'Name:\tmosquitto\nVmHWM:\t   9000 kB\nVmRSS:\t    8684 kB\nThreads:\t1\n';

it('reads CPU time and resident memory', async () => {
  const files = { '/proc/4711/stat': STAT, '/proc/4711/status': STATUS };
  const usage = await readProcessUsage(4711, new RecordedPlatform({ files }));
  expect(usage).toEqual({ cpuSeconds: 15, residentBytes: 8684 * 1024 });
});

it('says that there is no such process', async () => {
  const platform = new RecordedPlatform({ files: { '/proc/version': 'Linux' } });
  await expect(readProcessUsage(4711, platform)).rejects.toMatchObject({
    kind: 'usage',
    message: 'there is no process 4711',
    remedy: expect.stringContaining('pgrep'),
  });
});

it('says that it works on Linux only', async () => {
  await expect(readProcessUsage(4711, new RecordedPlatform())).rejects.toMatchObject({
    kind: 'environment',
    message: '--broker-pid works on Linux only',
    remedy: 'leave it out',
  });
});

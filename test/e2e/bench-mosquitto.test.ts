import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MQTTK } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { hasPeer } from '../support/peers.ts';

describe.runIf(hasPeer('mosquitto'))('bench with mosquitto', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqttk-bench-'));
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await Mosquitto.start('max_queued_messages 0', 'max_inflight_messages 0');
  });
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  function bench(...words: readonly string[]) {
    return run(process.execPath, [MQTTK, 'bench', ...words, '-h', '127.0.0.1', '-p', broker.port]);
  }

  const FEW = ['--count', '50', '--warmup', '10ms', '--json'];

  it.each([
    ['fan-in', '-q', '0'],
    ['fan-out', '-q', '1', '--subscribers', '3'],
    ['pairs', '-q', '2', '--clients', '3'],
    ['shared', '-q', '1'],
    ['latency', '-q', '2', '--rate', '1000'],
  ])('loses nothing in %s %s %s', async (...words) => {
    for (const version of ['5', '311', ...(words[0] === 'shared' ? [] : ['31'])]) {
      const { code, err, out } = await bench(...words, ...FEW, '-V', version);
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out).figures).toMatchObject({ lost: 0, duplicates: 0, stray: 0 });
    }
  });

  it('gets all retained messages, and removes them', async () => {
    const few = ['--topics', '30', '-t', 'kept', '--duration', '50ms', '--warmup', '0'];
    const { code, err, out } = await bench('retained', ...few, '-V', '311');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(' 0 lost, 0 twice');
    const where = ['-h', '127.0.0.1', '-p', broker.port];
    const rest = await run(process.execPath, [MQTTK, 'sub', ...where, '-t', 'kept/#', '-W', '0.3']);
    expect(rest).toMatchObject({ code: 27, out: '' });
  });

  it.runIf(process.platform === 'linux')('measures its CPU and memory', async () => {
    const pid = ['--broker-pid', String(broker.child.process.pid)];
    const words = ['connections', '--clients', '50', '--duration', '50ms', ...pid];
    const { code, out } = await bench(...words, '--json');
    expect(code).toBe(0);
    const { figures } = JSON.parse(out);
    expect(figures).toMatchObject({ connections: 50, broker_cpu: expect.any(Number) });
    expect(figures.broker_rss_bytes).toBeGreaterThan(1_000_000);
    expect(figures).toHaveProperty('broker_bytes_per_connection');
  });

  it('compares with a former run', async () => {
    const file = join(folder, 'before.json');
    const words = ['fan-in', ...FEW];
    writeFileSync(file, (await bench(...words)).out);
    const { figures, ...former } = JSON.parse(readFileSync(file, 'utf8'));
    const same = ['--compare', file, '--tolerance', '100000'];
    expect(await bench(...words, ...same)).toMatchObject({ code: 0, err: '' });
    const better = { ...figures, delivered_per_s: 1e12 };
    writeFileSync(file, JSON.stringify({ ...former, figures: better }));
    const worse = await bench(...words, '--compare', file);
    const said = 'mqttk bench: worse than before: delivered_per_s\n';
    expect([worse.code, worse.err]).toEqual([1, said]);
  });

  it('shows what it has when it is interrupted', async () => {
    const where = ['-h', '127.0.0.1', '-p', broker.port];
    const words = ['fan-in', '--warmup', '0', '--duration', '1h', '--json', '-t', 'long', ...where];
    const child = new Child(process.execPath, [MQTTK, 'bench', ...words]);
    await broker.child.says('err', /Sending PUBLISH to bench\w+s0 .*'long\//);
    expect(await child.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(JSON.parse(child.out)).toMatchObject({ interrupted: true, figures: { lost: 0 } });
  });
});

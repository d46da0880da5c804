import { connect, Server } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function started(platform: RecordedPlatform, ...words: readonly string[]) {
  const done = runProgram(['broker', '--host', '127.0.0.1', '-p', '0', ...words], platform);
  while (platform.signalListeners === 0) await new Promise((resolve) => setImmediate(resolve));
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(platform.err)?.[1]);
  return { done, port };
}

it('serves until a signal comes, and exits 0', async () => {
  const platform = new RecordedPlatform();
  const { done, port } = await started(platform);
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise((resolve) => socket.once('data', resolve));
  socket.write(Buffer.from('100e00044d5154540502003c000001 61'.replace(' ', ''), 'hex'));
  expect(await answer).toMatchObject({ 0: 0x20 });
  const goodbye = new Promise((resolve) => socket.once('data', resolve));
  platform.sendSignal('SIGINT');
  expect(await goodbye).toMatchObject({ 0: 0xe0, 2: 0x8b });
  await done;
  expect(platform.exitCode).toBe(0);
  expect(platform.out).toBe('');
  expect(platform.err).toMatch(/info {2}connect client="a" .* version=5/);
});

it('tells clients with --no-retain that nothing is retained [MQTT-3.2.2-14]', async () => {
  const platform = new RecordedPlatform();
  const { done, port } = await started(platform, '--no-retain', '--max-qos', '1');
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'));
  const connack = (await answer).toString('hex');
  expect(connack).toContain('2500');
  expect(connack).toContain('2401');
  socket.destroy();
  platform.sendSignal('SIGINT');
  await done;
});

it('takes no more clients than the machine has files for, and says so', async () => {
  const platform = new RecordedPlatform();
  platform.openFiles = 200;
  const { done } = await started(platform);
  expect(platform.err).toMatch(/ 72 connections.*\n.*only 200 files/);
  platform.sendSignal('SIGINT');
  await done;
});

it('says so where connections that are no clients yet have too few files, too', async () => {
  const platform = new RecordedPlatform();
  platform.openFiles = 10_200;
  const { done } = await started(platform);
  expect(platform.err).toMatch(/ 10000 connections.*\n.*only 10200 files/);
  platform.sendSignal('SIGINT');
  await done;
});

it('opens no connections while its event loop is late', async () => {
  const platform = new RecordedPlatform();
  const { done, port } = await started(platform);
  platform.advanceTo(1_000);
  expect(platform.err).not.toContain('overload');
  platform.sleepTo(3_000);
  expect(platform.err).toMatch(/warn {2}overload lag_ms=/);
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(platform.err).not.toContain(' connect ');
  const answer = new Promise((resolve) => socket.once('data', resolve));
  platform.advanceTo(6_000);
  expect(await answer).toMatchObject({ 0: 0x20 });
  socket.destroy();
  platform.sendSignal('SIGINT');
  await done;
});

it('tells once in a while that no socket could be had', async () => {
  const on = vi.spyOn(Server.prototype, 'on');
  const platform = new RecordedPlatform();
  const { done } = await started(platform);
  const server = on.mock.contexts.find((each) => (each as Server).listening) as Server;
  for (let n = 0; n < 3; n += 1) server.emit('error', new Error('too many open files'));
  platform.advanceTo(10_000);
  server.emit('error', new Error('too many open files'));
  const lines = platform.err.match(/accept_limited failed=\d/g);
  expect(lines).toEqual(['accept_limited failed=1', 'accept_limited failed=3']);
  on.mockRestore();
  platform.sendSignal('SIGINT');
  await done;
});

it('ends at once with 130 when a second signal comes', async () => {
  const platform = new RecordedPlatform();
  const { done, port } = await started(platform);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const answer = new Promise((resolve) => socket.once('data', resolve));
  socket.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'));
  await answer;
  platform.sendSignal('SIGINT');
  platform.sendSignal('SIGINT');
  await done;
  expect(platform.exitCode).toBe(130);
  socket.destroy();
});

it('says who probably has a port that is taken, and what to do', async () => {
  const first = new RecordedPlatform();
  const { done, port } = await started(first);
  const second = new RecordedPlatform();
  await runProgram(['broker', '--host', '127.0.0.1', '-p', String(port)], second);
  first.sendSignal('SIGTERM');
  await done;
  expect(second.exitCode).toBe(1);
  expect(second.err).toContain(`mqttk broker: port ${port} is taken\n  why: `);
  expect(second.err).toContain('\n  try: ');
});

it('logs errors only with --quiet', async () => {
  const platform = new RecordedPlatform();
  const done = runProgram(['broker', '--host', '127.0.0.1', '-p', '0', '--quiet'], platform);
  while (platform.signalListeners === 0) await new Promise((resolve) => setImmediate(resolve));
  platform.sendSignal('SIGTERM');
  await done;
  expect([platform.err, platform.exitCode]).toEqual(['', 0]);
});

describe('when it is to stop', () => {
  /** A client of 5.0 that stays on the line when the broker has closed. */
  async function stubborn(port: number) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const answer = new Promise((resolve) => socket.once('data', resolve));
    socket.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'));
    await answer;
    return socket;
  }

  it('says how long it ran, and how many connections it closed', async () => {
    const platform = new RecordedPlatform();
    const { done, port } = await started(platform);
    const socket = await stubborn(port);
    socket.on('end', () => socket.end());
    platform.advanceTo(192_345);
    platform.sendSignal('SIGTERM');
    await done;
    expect(platform.exitCode).toBe(0);
    expect(platform.err).toMatch(/info {2}shutdown signal=SIGTERM connections=1 next=/);
    expect(platform.warned.at(-1)).toBe('mqttk broker  stopped after 3m 12s, 1 connection closed');
  });

  it('says no more than there is where nobody is connected', async () => {
    const platform = new RecordedPlatform();
    const { done } = await started(platform);
    platform.sendSignal('SIGTERM');
    await done;
    expect(platform.warned.slice(-2)).toEqual([
      '2026-11-22T10:15:30.000Z info  shutdown signal=SIGTERM connections=0',
      'mqttk broker  stopped after 0ms, 0 connections closed',
    ]);
  });

  it('leaves the line on which the terminal has shown ^C', async () => {
    const platform = new RecordedPlatform({ isTerminal: true });
    const { done } = await started(platform);
    platform.sendSignal('SIGINT');
    await done;
    expect(platform.warned.at(-3)).toBe('');
  });

  it('cuts off who is still there after --shutdown-timeout, says how many, exit 1', async () => {
    const platform = new RecordedPlatform();
    const { done, port } = await started(platform, '--shutdown-timeout', '1500ms');
    const socket = await stubborn(port);
    platform.sendSignal('SIGTERM');
    platform.advanceTo(1_499);
    expect(platform.err).not.toContain('cut off');
    platform.advanceTo(1_500);
    await done;
    socket.destroy();
    expect(platform.exitCode).toBe(1);
    expect(platform.err).toContain(
      'error shutdown message="1 connection cut off, still open after 1.5s"',
    );
    expect(platform.warned.at(-1)).toBe('mqttk broker  stopped after 1s, 0 connections closed');
  });

  it('spreads the ends over --drain, and names --server-reference', async () => {
    const platform = new RecordedPlatform();
    const words = ['--drain', '8s', '--server-reference', 'b:1'];
    const { done, port } = await started(platform, ...words);
    const first = await stubborn(port);
    const goodbye = new Promise<Buffer>((resolve) => first.once('data', resolve));
    const silent = connect({ port, host: '127.0.0.1' });
    await new Promise((resolve) => silent.once('connect', resolve));
    const isOver = new Promise((resolve) => silent.once('close', resolve));
    platform.sendSignal('SIGTERM');
    const text = (await goodbye).toString('latin1');
    expect(text).toMatch(/^\xe0.\x9c/);
    expect(text).toContain('\x1c\x00\x03b:1');
    first.destroy();
    expect(platform.err).toContain('connections=2 drain="8s"');
    platform.advanceTo(7_999);
    expect(platform.exitCode).toBeUndefined();
    platform.advanceTo(8_000);
    await isOver;
    await done;
    expect(platform.exitCode).toBe(0);
  });
});

describe('signals that do not end it', () => {
  it('puts its state into the log at SIGUSR1, with --quiet too', async () => {
    const platform = new RecordedPlatform();
    const { done } = await started(platform, '--quiet');
    platform.advanceTo(65_000);
    platform.sendUserSignal('SIGUSR1');
    expect(platform.err).toMatch(/info {2}status uptime="1m 5s" connections=0 pending=0 /);
    platform.sendSignal('SIGTERM');
    await done;
  });

  it('takes SIGUSR2 and SIGHUP for what they ask, and goes on', async () => {
    const platform = new RecordedPlatform();
    const { done } = await started(platform);
    platform.sendUserSignal('SIGUSR2');
    platform.sendSignal('SIGHUP');
    expect(platform.err).toMatch(/logs_reopened message=.*\n.*config_reloaded message="nothing to/);
    expect(platform.exitCode).toBeUndefined();
    platform.sendSignal('SIGTERM');
    await done;
    expect(platform.exitCode).toBe(0);
  });

  it('stops at SIGHUP where that says that its terminal was closed', async () => {
    const platform = new RecordedPlatform();
    const { done } = await started(platform);
    platform.isTerminalLost = true;
    platform.sendSignal('SIGHUP');
    await done;
    expect(platform.exitCode).toBe(0);
  });
});

it('says all that it says as JSON with --log-format json', async () => {
  const platform = new RecordedPlatform({ isTerminal: true });
  const done = runProgram(
    ['broker', '--host', '127.0.0.1', '-p', '0', '--log-format', 'json'],
    platform,
  );
  while (platform.signalListeners === 0) await new Promise((resolve) => setImmediate(resolve));
  platform.sendSignal('SIGINT');
  await done;
  expect(platform.warned.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'ready', pid: 4711, listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    { event: 'shutdown', signal: 'SIGINT', connections: 0 },
    { event: 'stopped', uptime: '0ms', closed: 0 },
  ]);
});

it('names its listener in the log', async () => {
  const platform = new RecordedPlatform();
  const { done, port } = await started(platform);
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise((resolve) => socket.once('data', resolve));
  socket.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'));
  await answer;
  socket.destroy();
  platform.sendSignal('SIGTERM');
  await done;
  expect(platform.err).toContain(` listener=mqtt:${port} version=5 `);
});

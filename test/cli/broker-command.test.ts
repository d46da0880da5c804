import { connect, Server } from 'node:net';
import { expect, it, vi } from 'vitest';
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

it('opens no address that others can reach unless that is said', async () => {
  const platform = new RecordedPlatform();
  await runProgram(['broker', '--host', '0.0.0.0', '-p', '0'], platform);
  expect(platform.exitCode).toBe(2);
  expect(platform.err).toContain('--allow-anonymous');
});

it('logs errors only with --quiet', async () => {
  const platform = new RecordedPlatform();
  const done = runProgram(['broker', '--host', '127.0.0.1', '-p', '0', '--quiet'], platform);
  while (platform.signalListeners === 0) await new Promise((resolve) => setImmediate(resolve));
  platform.sendSignal('SIGTERM');
  await done;
  expect([platform.err, platform.exitCode]).toEqual(['', 0]);
});

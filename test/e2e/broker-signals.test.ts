import { once } from 'node:events';
import { connect } from 'node:net';
import process from 'node:process';
import { expect, it } from 'vitest';
import { BrokerProcess, MQTTK } from '../support/broker-process.ts';
import { Child } from '../support/child.ts';

/** CONNECT of 5.0, up to the last byte: a client id of one character. */
const CONNECT = Buffer.from('100e00044d5154540502003c000001', 'hex');
/** Where Node listens when it takes SIGUSR1 for a wish for a debugger. */
const DEBUGGER_PORT = 9229;

async function connected(broker: BrokerProcess, allowHalfOpen = false, clientId = 'a') {
  const socket = connect({ port: Number(broker.port), host: '127.0.0.1', allowHalfOpen });
  socket.write(Buffer.concat([CONNECT, Buffer.from(clientId)]));
  await once(socket, 'data');
  return socket;
}

it.each(['SIGINT', 'SIGTERM'] as const)('drains at %s, and exits 0', async (signal) => {
  const broker = await BrokerProcess.start();
  const socket = await connected(broker);
  const goodbye = once(socket, 'data');
  const ended = broker.child.stop(signal);
  expect((await goodbye)[0]).toMatchObject({ 0: 0xe0, 2: 0x8b });
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(broker.child.err).toMatch(/stopped after \S+, 1 connection closed\n$/);
});

it('exits 130 at once at the second signal, while it drains', async () => {
  const broker = await BrokerProcess.start('--drain', '5s', '--shutdown-timeout', '60s');
  const sockets = [await connected(broker), await connected(broker, false, 'b')];
  broker.child.process.kill('SIGTERM');
  await broker.child.says('err', /shutdown/);
  expect(await broker.child.stop('SIGINT')).toEqual({ code: 130, signal: null });
  for (const socket of sockets) socket.destroy();
});

it('exits 1 with connections that it had to cut off', async () => {
  const broker = await BrokerProcess.start('--shutdown-timeout', '500ms');
  const socket = await connected(broker, true);
  expect(await broker.child.stop()).toEqual({ code: 1, signal: null });
  expect(broker.child.err).toContain('1 connection cut off, still open after 500ms');
  socket.destroy();
});

it('says how it does at SIGUSR1, opens no debugger, and outlives SIGUSR2 and SIGHUP', async () => {
  const broker = await BrokerProcess.start();
  broker.child.process.kill('SIGUSR1');
  await broker.child.says('err', / info {2}status uptime=/);
  const probe = connect(DEBUGGER_PORT, '127.0.0.1');
  const [error] = await once(probe, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  broker.child.process.kill('SIGUSR2');
  await broker.child.says('err', / logs_reopened /);
  broker.child.process.kill('SIGHUP');
  await broker.child.says('err', / config_reloaded /);
  (await connected(broker)).destroy();
  expect(await broker.child.stop()).toEqual({ code: 0, signal: null });
  expect(broker.child.err).not.toContain('Debugger');
});

it.runIf(process.platform === 'linux')('ends with the terminal in which it runs', async () => {
  const line = `"${process.execPath}" "${MQTTK}" broker -p 0`;
  const terminal = new Child('script', ['-qec', line, '/dev/null']);
  const [, pid] = await terminal.says('out', / pid (\d+)/);
  const broker = Number(pid);
  await terminal.stop('SIGKILL');
  await expect.poll(() => isRunning(broker), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

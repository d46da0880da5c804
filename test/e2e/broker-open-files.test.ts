import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { expect, it } from 'vitest';
import { MQTTK } from '../support/broker-process.ts';
import { Child } from '../support/child.ts';

const CONNECT = Buffer.from('100e00044d5154540502000000000161', 'hex');
const PINGREQ = Buffer.from('c000', 'hex');
/** A shell that lets what it starts have so many files open. */
const LIMITED = 'ulimit -n 200; exec "$0" "$@"';

/** A client that has been accepted, if need be at a second attempt: others have to go first. */
async function connected(port: number): Promise<Socket> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(CONNECT);
    const connack = await new Promise<Buffer | undefined>((resolve) => {
      socket.once('data', resolve).once('close', () => resolve(undefined));
    });
    if (connack?.[0] === 0x20) return socket;
    if (attempt === 50) throw new Error('the broker accepts nobody');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Sockets that say nothing: how many of them the broker has closed after a while. */
async function flood(port: number, count: number): Promise<{ sockets: Socket[]; closed: number }> {
  let closed = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => {
      closed += 1;
    });
    return socket.resume();
  });
  const endMs = Date.now() + 5_000;
  while (closed === 0 && Date.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { sockets, closed };
}

it.runIf(process.platform === 'linux')(
  'serves its clients on while somebody opens more connections than there are files',
  async () => {
    const words = ['-c', LIMITED, process.execPath, MQTTK, 'broker', '-p', '0'];
    const child = new Child('sh', words);
    const [, port = ''] = await child.says('err', /mqtt:\/\/127\.0\.0\.1:(\d+)/);
    await child.says('err', / 72 connections.*\n.*only 200 files may be open/);
    const client = await connected(Number(port));
    const { closed, sockets } = await flood(Number(port), 300);
    // 72 clients and 64 to be are the most, and one is here.
    expect(closed).toBeGreaterThanOrEqual(300 - 135);
    await child.says('err', /warn {2}accept_limited closed=\d+/);
    client.write(PINGREQ);
    expect((await once(client, 'data'))[0]).toEqual(Buffer.from('d000', 'hex'));
    for (const socket of sockets) socket.destroy();
    client.destroy();
    const next = await connected(Number(port));
    next.destroy();
    expect(await child.stop()).toMatchObject({ code: 0 });
  },
);

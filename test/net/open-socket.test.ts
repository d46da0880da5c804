import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openSocket } from '../../src/net/open-socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'mqttk-open-socket-'));
const open: (Server | Socket)[] = [];
const never = new AbortController().signal;

afterEach(() => {
  for (const each of open.splice(0)) 'listen' in each ? each.close() : each.destroy();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that tells from where it is connected to. */
async function serve(where: { host: string; port: number } | { path: string }): Promise<number> {
  const server = createServer((socket) => {
    open.push(socket.on('error', () => {}));
    socket.end(String(socket.remoteAddress));
  });
  open.push(server.listen(where));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function said(socket: Socket): Promise<string> {
  open.push(socket);
  return String((await once(socket, 'data'))[0]);
}

it.each(['127.0.0.5', 'localhost'])(
  'connects from the address that is asked for: %s',
  async (from) => {
    const port = await serve({ host: '127.0.0.1', port: 0 });
    const address = { host: '127.0.0.1', port };
    const socket = await openSocket(address, { localAddress: from }, never);
    expect(await said(socket)).toBe(from === 'localhost' ? '127.0.0.1' : from);
  },
);

it('reaches addresses of the family alone that it comes from', async () => {
  const port = await serve({ host: '127.0.0.1', port: 0 });
  const address = { host: 'localhost', port };
  const socket = await openSocket(address, { localAddress: '127.0.0.1' }, never);
  expect(await said(socket)).toBe('127.0.0.1');
});

it('says which option names an address that there is none of', async () => {
  const address = { host: '127.0.0.1', port: 1 };
  await expect(openSocket(address, { localAddress: 'none.invalid' }, never)).rejects.toMatchObject({
    kind: 'connect',
    message: 'cannot find host none.invalid',
    remedy: expect.stringContaining('-A'),
  });
  await expect(openSocket(address, { localAddress: '192.0.2.1' }, never)).rejects.toMatchObject({
    why: expect.stringContaining('this machine has no such address'),
  });
});

it('connects to a unix socket', async () => {
  const path = join(mkdtempSync(`${folder}-`), 's');
  await serve({ path });
  const socket = await openSocket({ path }, {}, never);
  open.push(socket);
  expect(socket.remoteAddress).toBeUndefined();
});

it.each([
  ['is not there', 'there is no such file', (_: string) => {}],
  ['is none', 'nobody listens on that unix socket', (path: string) => writeFileSync(path, '')],
])('explains a unix socket that %s', async (_, why, prepare) => {
  const path = join(mkdtempSync(`${folder}-`), 's');
  prepare(path);
  await expect(openSocket({ path }, {}, never)).rejects.toMatchObject({
    kind: 'connect',
    message: expect.stringContaining(`cannot connect to ${path}: `),
    why,
  });
});

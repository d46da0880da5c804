import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dial } from '../../src/net/dialer.ts';
import type { SocksProxy } from '../../src/net/socks5.ts';
import { hex } from '../support/hex.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const open: (Server | Socket)[] = [];
afterEach(() => {
  for (const each of open.splice(0)) 'listen' in each ? each.close() : each.destroy();
});

async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    open.push(socket.on('error', () => {}));
    onSocket(socket);
  });
  open.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers each piece that comes with the next of these; what it was sent is in `heard`. */
async function scripted(...answers: readonly (Buffer | undefined)[]) {
  const heard: string[] = [];
  const left = [...answers];
  const port = await listening((socket) => {
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('hex'));
      const answer = left.shift();
      if (answer === undefined) socket.end();
      else socket.write(answer);
    });
  });
  return { heard, port };
}

const NO_ONE = { userName: undefined, password: undefined };

async function through(
  port: number,
  target: { host: string; port: number },
  over: Partial<SocksProxy> = {},
) {
  const proxy = { host: '127.0.0.1', port, resolves: 'there', ...NO_ONE, ...over } as const;
  const channel = await dial({ address: target, proxy, timeoutMs: 10_000 });
  const events = new RecordedEvents();
  channel.listen(events);
  return { channel, events };
}

const HELLO = hex`05 00`;
const OK = hex`05 00 00 01 00 00 00 00 00 00`;

it('connects through a proxy, and loses nothing that comes at once', async () => {
  const broker = await listening((socket) => socket.end('hello'));
  const port = await listening((socket) => {
    socket.once('data', () => {
      socket.write(HELLO);
      socket.once('data', (request) => {
        const there = connect(request.readUInt16BE(8), [...request.subarray(4, 8)].join('.'));
        open.push(there);
        socket.write(Buffer.concat([OK, Buffer.from('and ')]));
        there.pipe(socket);
      });
    });
  });
  const { channel, events } = await through(port, { host: '127.0.0.1', port: broker });
  expect(channel.peer).toBe(`127.0.0.1:${broker}`);
  await events.untilClosed();
  expect(String(events.bytes)).toBe('and hello');
});

it.each([
  ['a name, that the proxy looks up', 'h.example', '030968' + '2e6578616d706c65'],
  ['an address of IPv4', '192.0.2.7', '01c0000207'],
  ['an address of IPv6', '2001:db8::7', '0420010db8000000000000000000000007'],
  ['IPv4 within IPv6', '::ffff:192.0.2.7', '0400000000000000000000ffffc0000207'],
  ['no address but loopback', '::1', '0400000000000000000000000000000001'],
])('asks for %s', async (_, host, encoded) => {
  const { heard, port } = await scripted(HELLO, OK);
  await through(port, { host, port: 1883 });
  expect(heard).toEqual(['050100', `050100${encoded}075b`]);
});

it('looks names up itself where it is told to', async () => {
  const { heard, port } = await scripted(HELLO, OK);
  await through(port, { host: 'localhost', port: 1883 }, { resolves: 'here' });
  expect(heard[1]).toMatch(/^050100(?:017f000001|040{30}01)075b$/);
});

it('logs in', async () => {
  const { heard, port } = await scripted(hex`05 02`, hex`01 00`, OK);
  await through(port, { host: '192.0.2.7', port: 1 }, { userName: 'ann', password: 'pw' });
  expect(heard.slice(0, 2)).toEqual(['05020002', '0103616e6e027077']);
});

it.each([
  ['a name', hex`05 00 00 03 03 61 62 63 00 00`],
  ['an address of IPv6', Buffer.concat([hex`05 00 00 04`, Buffer.alloc(18)])],
])('passes over where the proxy connects from: %s', async (_, answer) => {
  const { port } = await scripted(HELLO, Buffer.concat([answer, Buffer.from('hello')]));
  const { events } = await through(port, { host: '192.0.2.7', port: 1 });
  await events.until(() => events.bytes.length === 5);
});

describe('tells of a proxy that', () => {
  it.each([
    ['is none', [hex`48 54 54 50`], 'does not speak SOCKS5'],
    ['closes', [], 'does not speak SOCKS5'],
    ['closes later', [HELLO], 'does not speak SOCKS5'],
    ['lets nobody in', [hex`05 ff`], 'lets nobody in'],
  ])('%s', async (_, answers, what) => {
    const { port } = await scripted(...answers);
    await expect(through(port, { host: 'h', port: 1 })).rejects.toMatchObject({
      kind: 'connect',
      message: `proxy 127.0.0.1:${port} ${what}`,
    });
  });

  it('refuses the user', async () => {
    const { port } = await scripted(hex`05 02`, hex`01 01`);
    await expect(through(port, { host: 'h', port: 1 }, { userName: 'ann' })).rejects.toMatchObject({
      message: `proxy 127.0.0.1:${port} refuses the user`,
    });
  });

  it('cannot connect', async () => {
    const { port } = await scripted(HELLO, hex`05 05 00 01 00 00 00 00 00 00`);
    await expect(through(port, { host: 'h', port: 7 })).rejects.toMatchObject({
      message: 'cannot connect to h:7 through the proxy',
      why: `127.0.0.1:${port} says: the connection was refused`,
    });
  });

  it('is not there, by its option', async () => {
    const proxy = { host: 'none.invalid', port: 1080, resolves: 'there', ...NO_ONE } as const;
    const dialled = dial({ address: { host: 'h', port: 1 }, proxy, timeoutMs: 10_000 });
    await expect(dialled).rejects.toMatchObject({
      message: 'cannot find host none.invalid',
      remedy: expect.stringContaining('--proxy'),
    });
  });

  it('says nothing', async () => {
    const port = await listening(() => {});
    const proxy = { host: '127.0.0.1', port, resolves: 'there', ...NO_ONE } as const;
    const dialled = dial({ address: { host: 'h', port: 1 }, proxy, timeoutMs: 100 });
    await expect(dialled).rejects.toMatchObject({
      message: `no answer from 127.0.0.1:${port} within 0.1 s`,
      why: expect.stringContaining('the proxy'),
    });
  });
});
